package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.Md5;
import io.posthaste.config.Shown;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.door.nacos.Listening.Entry;
import io.posthaste.server.PublishRate;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What clients ask by calls, and what each is answered. Called by shards' threads. */
final class GrpcRequests {
  // Of Nacos: what clients look at, and do something about.
  private static final int NOT_FOUND = 300;
  private static final int INVALID_REQUEST = 400;
  private static final int NO_RIGHT = 403;
  private static final int CONFLICT = 409;
  private static final int TOO_MUCH = 503;
  private static final int TOO_MANY_PATTERNS = 50_310;
  private static final int TOO_MANY_MATCHES = 50_311;

  private static final int MAX_DESCRIPTION_CHARS = 128;
  private static final int MAX_SHORT_CHARS = 128;

  private final Configs configs;
  private final GrayHandler gray;
  private final PublishRate rate;
  private final NameSearch searches = new NameSearch();

  GrpcRequests(Configs configs, PublishRate rate) {
    this.configs = configs;
    this.gray = new GrayHandler(configs);
    this.rate = rate;
  }

  /** Answers whoever has introduced himself, and has shown who he is. */
  void answer(GrpcCall call, GrpcMessage request, GrpcConnection from) {
    switch (request.type()) {
      case "ConfigBatchListenRequest" -> listen(call, request, from);
      case "ConfigQueryRequest" -> query(call, request, from);
      case "ConfigPublishRequest" -> publish(call, request, from);
      case "ConfigRemoveRequest" -> remove(call, request, from);
      case "ConfigFuzzyWatchRequest" -> watch(call, request, from);
      default ->
          call.refuse(
              GrpcCall.NO_HANDLER,
              "type: " + MalformedException.quote(request.type()) + " is not known here");
    }
  }

  private void listen(GrpcCall call, GrpcMessage request, GrpcConnection from) {
    String type = "ConfigChangeBatchListenResponse";
    List<Entry> entries = GrpcListening.parse(request.json());
    ObjectNode answer = GrpcCall.done();
    ArrayNode changed = answer.putArray("changedConfigs");
    if (!request.json().path("listen").asBoolean(true)) {
      from.leave(entries);
      call.answer(type, answer);
      return;
    }
    for (Entry entry : entries) {
      if (!from.session().mayRead(entry.key().topic())) {
        forbid(call, type, from.session(), "read", entry.key());
        return;
      }
    }
    from.says(request.header(GrayNames.TAG_LABEL));
    if (!from.listen(entries)) {
      call.answer(type, GrpcCall.failed(TOO_MUCH, "too many configs are listened to here"));
      return;
    }
    for (Entry entry : entries) {
      if (!Objects.equals(configs.md5(entry.key(), from.instance()), entry.md5())) {
        GrpcListening.name(changed.addObject(), entry.key(), entry.spelling());
        from.follower().told(entry.key());
      }
    }
    call.answer(type, answer);
  }

  private void query(GrpcCall call, GrpcMessage request, GrpcConnection from) {
    String type = "ConfigQueryResponse";
    ConfigKey key = GrpcListening.key(request.json());
    if (!from.session().mayRead(key.topic())) {
      forbid(call, type, from.session(), "read", key);
      return;
    }
    String tag = GrpcMessage.text(request.json(), "tag");
    from.says(request.header(GrayNames.TAG_LABEL));
    call.later(
        configs.get(key, from.instance(tag)),
        found -> {
          if (tag.isEmpty()) {
            from.follower().fetched(key, found.map(shown -> shown.version().md5()).orElse(null));
          }
          call.answer(
              type,
              found
                  .filter(shown -> tag.isEmpty() || !shown.gray().isEmpty())
                  .map(GrpcRequests::content)
                  .orElseGet(() -> GrpcCall.failed(NOT_FOUND, "config data not exist")));
        });
  }

  private static ObjectNode content(Shown shown) {
    ConfigVersion version = shown.version();
    ConfigAttributes attributes = version.attributes();
    ObjectNode json =
        GrpcCall.done()
            .put("content", version.content().utf8())
            .put("md5", version.md5().toString())
            .put("contentType", attributes.format())
            .put("lastModified", version.timeMillis())
            .put("beta", GrayNames.isBeta(shown.gray()));
    String tag = GrayNames.tagOf(shown.gray());
    if (!tag.isEmpty()) {
      json.put("tag", tag);
    }
    if (!attributes.encryptedDataKey().isEmpty()) {
      json.put("encryptedDataKey", attributes.encryptedDataKey());
    }
    return json;
  }

  private void publish(GrpcCall call, GrpcMessage request, GrpcConnection from) {
    JsonNode json = request.json();
    JsonNode more = json.path("additionMap");
    ConfigKey key = GrpcListening.key(json);
    String content = GrpcMessage.text(json, "content");
    if (content.isEmpty()) {
      throw new MalformedException("content: missing (expected: a text)");
    }
    String replaced = GrpcMessage.text(json, "casMd5");
    Expected expected =
        replaced.isEmpty() ? Expected.ANYTHING : new Expected.Content(Md5.parse(replaced));
    ConfigAttributes attributes =
        new ConfigAttributes(
            GrpcMessage.text(more, "type"),
            from.session().author(GrpcMessage.text(more, "src_user", MAX_SHORT_CHARS)),
            from.instance().address(),
            "",
            GrpcMessage.text(more, "appName", MAX_SHORT_CHARS),
            GrpcMessage.text(more, "desc", MAX_DESCRIPTION_CHARS),
            GrpcMessage.text(more, "config_tags", 5 * 64 + 4),
            GrpcMessage.text(more, "encryptedDataKey"));
    String addresses = GrpcMessage.text(more, "betaIps");
    String tag = GrpcMessage.text(more, "tag");
    Payload bytes = Payload.of(content);
    change(
        call,
        "ConfigPublishResponse",
        from,
        key,
        () ->
            !addresses.isEmpty()
                ? gray.beta(key, addresses, bytes, attributes, expected)
                : !tag.isEmpty()
                    ? gray.tag(key, tag, bytes, attributes, expected)
                    : configs.publish(key, bytes, attributes, expected));
  }

  private void remove(GrpcCall call, GrpcMessage request, GrpcConnection from) {
    ConfigKey key = GrpcListening.key(request.json());
    String tag = GrpcMessage.text(request.json(), "tag");
    ConfigAttributes who =
        ConfigAttributes.NONE.by(from.session().author(""), from.instance().address(), "");
    change(
        call,
        "ConfigRemoveResponse",
        from,
        key,
        () ->
            tag.isEmpty()
                ? configs.remove(key, who, Expected.ANYTHING)
                : configs.grays().abort(GrayNames.tag(key, tag), who, Expected.ANYTHING));
  }

  /** Makes a change, if whoever asks may, and not too often. */
  private void change(
      GrpcCall call,
      String type,
      GrpcConnection from,
      ConfigKey key,
      Supplier<CompletionStage<Changed>> change) {
    if (!from.session().mayPublish(key.topic())) {
      forbid(call, type, from.session(), "publish", key);
      return;
    }
    Duration wait = rate.take(from.session(), call.client(), 1);
    if (!wait.isZero()) {
      call.pause(() -> call.answer(type, GrpcCall.failed(TOO_MUCH, PublishRate.refusal(wait))));
      return;
    }
    call.later(change.get(), outcome -> call.answer(type, outcome(outcome)));
  }

  private static ObjectNode outcome(Changed outcome) {
    if (outcome instanceof Changed.Done || outcome instanceof Changed.AbsentAlready) {
      return GrpcCall.done();
    }
    if (outcome instanceof Changed.Conflict) {
      return GrpcCall.failed(
          CONFLICT, "casMd5: the content is another (expected: the MD5 of the latest)");
    }
    if (outcome instanceof Changed.TooLarge tooLarge) {
      return GrpcCall.failed(
          INVALID_REQUEST,
          "content: too large (expected: at most " + tooLarge.maxBytes() + " bytes)");
    }
    if (outcome instanceof Changed.Refused refused) {
      return GrpcCall.failed(CONFLICT, refused.reason());
    }
    if (outcome instanceof Changed.Unavailable unavailable) {
      return GrpcCall.failed(TOO_MUCH, unavailable.reason());
    }
    return GrpcCall.failed(CONFLICT, "the config is no longer what it was (expected: a retry)");
  }

  private void watch(GrpcCall call, GrpcMessage request, GrpcConnection from) {
    String type = "ConfigFuzzyWatchResponse";
    JsonNode json = request.json();
    FuzzyPattern pattern = FuzzyPattern.parse(GrpcMessage.text(json, "groupKeyPattern"));
    if (GrpcMessage.text(json, "watchType").equals("CANCEL_WATCH")) {
      from.fuzzy().cancel(pattern);
      call.answer(type, GrpcCall.done());
      return;
    }
    Set<ConfigKey> received = new HashSet<>();
    JsonNode known = json.path("receivedGroupKeys");
    if (known.size() > 2 * FuzzyWatches.MOST_MATCHES) {
      throw new MalformedException("receivedGroupKeys: too many");
    }
    known.forEach(key -> received.add(FuzzyPattern.key(key.asText())));
    if (from.fuzzy().isBusy()) {
      call.answer(type, GrpcCall.failed(TOO_MUCH, "too many patterns are begun at the same time"));
      return;
    }
    if (!from.fuzzy().begin(pattern)) {
      call.answer(
          type,
          GrpcCall.failed(
              TOO_MANY_PATTERNS,
              "too many patterns (expected: at most " + FuzzyWatches.MOST_PATTERNS + ")"));
      return;
    }
    boolean isFirst = json.path("initializing").asBoolean();
    Session session = from.session();
    String space =
        pattern.namespace().isEmpty() ? ConfigKey.DEFAULT_NAMESPACE : pattern.namespace();
    call.later(
        searches
            .run(
                () ->
                    configs.search(space, pattern.group(), pattern.name()).stream()
                        .filter(key -> session.mayRead(key.topic()))
                        .toList())
            .handle(Looked::new),
        looked -> {
          from.fuzzy().ended();
          Throwable failure = looked.failure();
          List<ConfigKey> matching = looked.matching();
          if (matching == null || matching.size() > FuzzyWatches.MOST_MATCHES) {
            from.fuzzy().cancel(pattern);
          }
          if (failure instanceof NameSearch.TooMany) {
            call.answer(type, GrpcCall.failed(TOO_MUCH, String.valueOf(failure.getMessage())));
          } else if (matching == null) {
            throw new CompletionException(failure);
          } else if (matching.size() > FuzzyWatches.MOST_MATCHES) {
            call.answer(
                type,
                GrpcCall.failed(
                    TOO_MANY_MATCHES,
                    matching.size()
                        + " configs match (expected: at most "
                        + FuzzyWatches.MOST_MATCHES
                        + ")"));
          } else {
            call.answer(type, GrpcCall.done());
            from.fuzzy().looked(pattern, matching, received, isFirst);
          }
        });
  }

  /** What a search has come to: what it found, or why it failed. */
  private record Looked(@Nullable List<ConfigKey> matching, @Nullable Throwable failure) {}

  private static void forbid(
      GrpcCall call, String type, Session session, String what, ConfigKey key) {
    if (session.isSuspended()) {
      call.refuse(GrpcCall.NOT_READY, "who may what cannot be known now (expected: a retry)");
    } else {
      call.answer(
          type,
          GrpcCall.failed(
              NO_RIGHT,
              what + " on \"" + key.topic() + "\" is not granted to " + session.identity().id()));
    }
  }
}
