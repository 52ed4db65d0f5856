package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.config.PropertiesText.Item;
import io.posthaste.core.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The open API's items: reading them, and editing the draft. */
final class ItemsApi {
  private static final int MAX_KEY_CHARS = 1_024;

  private final Configs configs;
  private final Spellings spellings;
  private final Drafts drafts;

  ItemsApi(Configs configs, Spellings spellings, Drafts drafts) {
    this.configs = configs;
    this.spellings = spellings;
    this.drafts = drafts;
  }

  private ConfigKey key(Call call) {
    return spellings.of(call.key());
  }

  /** Whether it is no branch, or one that is there; answers if not. */
  private boolean isThere(Call call, ConfigKey key) {
    boolean isThere = !Branch.isOne(key) || Branch.find(configs, Branch.config(key)).isPresent();
    if (!isThere) {
      Answers.error(call.exchange, 404, "there is no such branch (expected: one that was made)");
    }
    return isThere;
  }

  private boolean mayRead(Call call, ConfigKey key) {
    return call.mayRead(Branch.config(key)) && isThere(call, key);
  }

  private CompletionStage<Workspace> workspace(ConfigKey key, NamespaceName name) {
    return Workspace.of(configs, drafts, key, name);
  }

  /** A page of items. */
  void list(Call call) {
    ConfigKey key = key(call);
    if (!mayRead(call, key)) {
      return;
    }
    NamespaceName name = call.namespace();
    long page = Math.max(0, call.asked.number("page", 0));
    long size = Math.max(1, Math.min(1_000, call.asked.number("size", 50)));
    Answers.later(
        call.exchange,
        workspace(key, name),
        workspace -> {
          List<Item> all = workspace.edited().all();
          ObjectNode json =
              Answers.JSON
                  .createObjectNode()
                  .put("page", page)
                  .put("size", size)
                  .put("total", all.size());
          ArrayNode content = json.putArray("content");
          all.stream()
              .skip(page > all.size() / size ? all.size() : page * size) // however high
              .limit(size)
              .forEach(item -> content.add(workspace.json(item)));
          Answers.json(call.exchange, json);
        });
  }

  /** One item. */
  void get(Call call) {
    ConfigKey key = key(call);
    String item = item(call);
    if (mayRead(call, key)) {
      answer(call, key, item);
    }
  }

  private void answer(Call call, ConfigKey key, String item) {
    NamespaceName name = call.namespace();
    Answers.later(
        call.exchange,
        workspace(key, name),
        workspace -> {
          Optional<Item> found = workspace.edited().find(item);
          if (found.isEmpty()) {
            absent(call, item);
          } else {
            Answers.json(call.exchange, workspace.json(found.get()));
          }
        });
  }

  private static void absent(Call call, String item) {
    Answers.error(
        call.exchange,
        404,
        "item: " + MalformedException.quote(item) + " is not there (expected: one that is)");
  }

  /** The key that the path names, as it is or in base64. */
  private static String item(Call call) {
    String item = call.path("item");
    return call.isEncoded() ? decoded(item) : item;
  }

  private static String decoded(String item) {
    try {
      return new String(Base64.getDecoder().decode(item), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("item: not base64 (expected: the key's UTF-8 in base64)");
    }
  }

  /** What may become of the items when one is set. */
  private enum Wanted {
    NEW,
    THERE,
    EITHER
  }

  /** A new item. */
  void create(Call call) {
    set(call, call.required("key"), Wanted.NEW, call.text("dataChangeCreatedBy"));
  }

  /** A new value. */
  void update(Call call) {
    String by = call.text("dataChangeLastModifiedBy");
    boolean creates = call.asked.text("createIfNotExists").equals("true");
    set(
        call,
        item(call),
        creates ? Wanted.EITHER : Wanted.THERE,
        by.isEmpty() ? call.text("dataChangeCreatedBy") : by);
  }

  private void set(Call call, String item, Wanted wanted, String by) {
    ConfigKey key = key(call);
    NamespaceName name = call.namespace();
    String value = call.text("value");
    String comment = call.body().path("comment").isTextual() ? call.text("comment") : null;
    check(name, item);
    edit(call, key, item, value, comment, wanted, by);
  }

  private static void check(NamespaceName name, String item) {
    if (item.isEmpty() || item.length() > MAX_KEY_CHARS) {
      throw new MalformedException(
          "key: " + item.length() + " characters (expected: 1 to " + MAX_KEY_CHARS + ")");
    }
    if (!name.isProperties() && !item.equals(NamespaceName.CONTENT)) {
      throw new MalformedException(
          "key: " + MalformedException.quote(item) + " (expected: content, the only one here)");
    }
  }

  /** Takes an item away. */
  void remove(Call call) {
    ConfigKey key = key(call);
    edit(call, key, item(call), null, null, Wanted.THERE, call.asked.text("operator"));
  }

  private void edit(
      Call call,
      ConfigKey key,
      String item,
      @Nullable String value,
      @Nullable String comment,
      Wanted wanted,
      String by) {
    if (!call.mayPublish(Branch.config(key)) || !isThere(call, key)) {
      return;
    }
    NamespaceName name = call.namespace();
    String author = call.author(by);
    Answers.later(
        call.exchange,
        workspace(key, name)
            .thenCompose(
                workspace -> {
                  boolean isThere = workspace.edited().find(item).isPresent();
                  if (isThere ? wanted == Wanted.NEW : wanted == Wanted.THERE) {
                    return CompletableFuture.completedFuture(
                        new Outcome(isThere ? 400 : 404, null, null));
                  }
                  Items released = workspace.released();
                  Edit edit =
                      new Edit(
                          item,
                          value,
                          comment,
                          Edit.digest(released.value(item)),
                          author,
                          System.currentTimeMillis());
                  return drafts
                      .change(key, draft -> workspace.with(draft, edit))
                      .thenCompose(
                          changed ->
                              workspace(key, name)
                                  .thenApply(now -> new Outcome(200, changed, now)));
                }),
        outcome -> answer(call, item, outcome));
  }

  /** What came of an edit. */
  private record Outcome(int status, @Nullable Changed changed, @Nullable Workspace now) {}

  private static void answer(Call call, String item, Outcome outcome) {
    Changed changed = outcome.changed();
    Workspace now = outcome.now();
    if (outcome.status() == 404) {
      absent(call, item);
    } else if (outcome.status() == 400) {
      Answers.error(
          call.exchange,
          400,
          "item: " + MalformedException.quote(item) + " is there already (expected: a new key)");
    } else if (changed instanceof Changed.Done || changed instanceof Changed.AbsentAlready) {
      Optional<Item> found = now == null ? Optional.empty() : now.edited().find(item);
      Answers.json(
          call.exchange,
          found.isPresent() && now != null
              ? now.json(found.get())
              : Answers.JSON.createObjectNode().put("key", item));
    } else {
      ReleasesApi.refuse(call, changed);
    }
  }

  /** What a release would change. */
  void diff(Call call) {
    ConfigKey key = key(call);
    if (!mayRead(call, key)) {
      return;
    }
    NamespaceName name = call.namespace();
    Answers.later(
        call.exchange,
        workspace(key, name),
        workspace -> {
          Items released = workspace.released();
          List<Draft.Clash> clashes = workspace.draft().clashes(released);
          ArrayNode json = Answers.JSON.createArrayNode();
          for (Edit edit : workspace.draft().edits()) {
            json.addObject()
                .put("key", edit.key())
                .put("oldValue", released.value(edit.key()))
                .put("newValue", edit.value())
                .put("author", edit.author())
                .put("time", Dates.of(edit.timeMillis()))
                .put("conflict", clashes.stream().anyMatch(clash -> clash.edit().equals(edit)));
          }
          Answers.json(call.exchange, json);
        });
  }
}
