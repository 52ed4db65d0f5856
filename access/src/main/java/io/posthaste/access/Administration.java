package io.posthaste.access;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Changes who may what. Every change is a message or a few, each on condition that what it replaces
 * is still what was looked at, so that changes on several nodes at once do not undo each other. A
 * stage completes when the change is in the log and known on this node; on others it is a moment
 * later. Whether the one who asks may do so is for the caller to see to. Thread-safe.
 */
public final class Administration {
  private static final int MOST_TRIES = 50;
  private static final int MOST_GRANTS = 500;
  private static final int MOST_NAME_CHARS = 128;
  private static final int MOST_SIGNING_KEYS = 5;

  private final Access access;
  private final Log log;
  private final Directory directory;
  private final Audit audit;

  /**
   * An account as lists show it.
   *
   * @param identity who
   * @param hasPassword whether he can prove it by a password
   * @param isAdministrator whether he may say who may what
   * @param createdMillis when he was added, in milliseconds since 1970
   */
  public record AccountEntry(
      Identity identity, boolean hasPassword, boolean isAdministrator, long createdMillis) {}

  /**
   * A key as lists show it.
   *
   * @param key what it is called by
   * @param owner whom it acts for
   * @param name what its owner calls it
   * @param isSigning whether requests are signed with it; else it is shown
   * @param createdMillis when it was made, in milliseconds since 1970
   * @param expiresMillis when it ends; {@link Session#NEVER} if never
   */
  public record KeyEntry(
      String key,
      String owner,
      String name,
      boolean isSigning,
      long createdMillis,
      long expiresMillis) {}

  /** What replaces something, or why nothing does. */
  private record Step(@Nullable Payload payload, @Nullable Change refused) {
    static Step to(Payload payload) {
      return new Step(payload, null);
    }

    static Step refused(Change change) {
      return new Step(null, change);
    }
  }

  /** Of what this node's access knows. */
  public Administration(Access access) {
    this.access = access;
    this.log = access.log();
    this.directory = access.directory();
    this.audit = access.audit();
  }

  // ---- lists ----

  /** Everybody who was made known, by id. */
  public List<AccountEntry> accounts() {
    Set<String> administrators = directory.administrators();
    return directory.accounts().stream()
        .map(
            account ->
                new AccountEntry(
                    account.identity(),
                    account.passwordHash() != null,
                    administrators.contains(account.identity().id()),
                    account.createdMillis()))
        .sorted(Comparator.comparing(entry -> entry.identity().id()))
        .toList();
  }

  /** All keys, by owner and name. */
  public List<KeyEntry> keys() {
    return directory.keys().stream()
        .map(
            key ->
                new KeyEntry(
                    key.key(),
                    key.owner(),
                    key.name(),
                    key.signingSecret() != null,
                    key.createdMillis(),
                    key.expiresMillis()))
        .sorted(
            Comparator.comparing(KeyEntry::owner)
                .thenComparing(KeyEntry::name)
                .thenComparing(KeyEntry::key))
        .toList();
  }

  /** All grants, by the id that has them. */
  public Map<String, List<Grant>> grants() {
    Map<String, List<Grant>> all = new TreeMap<>(directory.grants());
    for (String id : directory.administrators()) {
      List<Grant> grants = new ArrayList<>(List.of(Grant.ADMINISTRATOR));
      grants.addAll(all.getOrDefault(id, List.of()));
      all.put(id, grants);
    }
    return all;
  }

  // ---- accounts ----

  /**
   * Makes somebody known; the first one of all becomes an administrator, and must be a user.
   *
   * @param password by which he can prove who he is; null for none: he will need a key
   * @throws MalformedException if the id or the password cannot be one
   */
  public CompletionStage<Change> addAccount(
      Actor by, Identity identity, @Nullable String password) {
    Identity.checkId(identity.id());
    Identity.Kind.ofAccount(identity.kind().word());
    if (directory.account(identity.id()) != null) {
      return done(exists(identity.id()));
    }
    if (identity.kind() != Identity.Kind.USER && remaining(directory.administrators()).isEmpty()) {
      return done(
          new Change.NoAdministratorYet(
              "\""
                  + identity.id()
                  + "\" would be the first, and so an administrator, which no "
                  + identity.kind().word()
                  + " should become so (expected: ./posthaste user add NAME first, for you)"));
    }
    CompletionStage<Change> added =
        withHash(
            password,
            hash -> {
              Account account = new Account(identity, hash, access.now(), 0);
              Append append =
                  append(by, Directory.ofAccount(identity.id()), Records.write(account))
                      .when(Condition.ABSENT);
              return write(append, refused -> exists(identity.id()))
                  .thenCompose(
                      change ->
                          change instanceof Change.Done
                              ? makeFirst(by, identity.id())
                              : done(change));
            });
    return audited(by, "user.add", user(identity.id()).put("kind", identity.kind().word()), added);
  }

  private static ObjectNode user(String id) {
    return Records.object().put("user", id);
  }

  /** Has it told who did it once it is done. */
  private CompletionStage<Change> audited(
      Actor by, String what, ObjectNode details, CompletionStage<Change> changing) {
    return changing.thenApply(
        change -> {
          if (change instanceof Change.KeyMade made) {
            details.put("key", made.key());
          }
          if (change instanceof Change.Done
              || change instanceof Change.AccountMade
              || change instanceof Change.KeyMade) {
            audit.changed(by, what, details);
          }
          return change;
        });
  }

  private static Change exists(String id) {
    return new Change.Exists("\"" + id + "\" is known already (expected: another id)");
  }

  private CompletionStage<Change> makeFirst(Actor by, String id) {
    return changeAdministrators(
            by,
            ids ->
                remaining(ids).isEmpty()
                    ? Step.to(Records.writeAdministrators(Set.of(id)))
                    : Step.refused(new Change.Exists("there are administrators")))
        .thenApply(
            change ->
                change instanceof Change.Unavailable
                    ? change
                    : new Change.AccountMade(change instanceof Change.Done));
  }

  /**
   * Gives somebody another password; what he proved by the old one ends.
   *
   * @throws MalformedException if it cannot be one
   */
  public CompletionStage<Change> setPassword(Actor by, String id, String password) {
    Account before = directory.account(id);
    if (before == null) {
      return done(unknown(id));
    }
    CompletionStage<Change> set =
        withHash(
            password,
            hash -> {
              Account account = new Account(before.identity(), hash, before.createdMillis(), 0);
              Id last = new Id(log.epoch(), directory.partition(), before.revision());
              return write(
                  append(by, Directory.ofAccount(id), Records.write(account))
                      .when(new Condition.LatestIs(last)),
                  refused -> new Change.Unavailable("the account was changed meanwhile"));
            });
    return audited(by, "user.passwd", user(id), set);
  }

  /** Forgets somebody with his keys and grants; all that he holds open ends. */
  public CompletionStage<Change> removeAccount(Actor by, String id) {
    if (directory.account(id) == null) {
      return done(unknown(id));
    }
    CompletionStage<Change> removed =
        withoutAdministrator(by, id)
            .thenCompose(
                change -> {
                  if (!(change instanceof Change.Done)) {
                    return done(change);
                  }
                  List<Append> tombstones = new ArrayList<>();
                  tombstones.add(tombstone(by, Directory.ofAccount(id)));
                  tombstones.add(tombstone(by, Directory.ofGrants(id)));
                  for (ApiKey key : directory.keys()) {
                    if (key.owner().equals(id)) {
                      tombstones.add(tombstone(by, Directory.ofKey(key.key())));
                    }
                  }
                  return write(tombstones, refused -> new Change.Done());
                });
    return audited(by, "user.remove", user(id), removed);
  }

  private static Change unknown(String id) {
    return new Change.Unknown(
        MalformedException.quote(id) + " is not known (expected: the id of an account)");
  }

  // ---- keys ----

  /**
   * Makes a key by which a program can act for somebody.
   *
   * @param name what to call it, for people
   * @param expiresMillis when it ends; {@link Session#NEVER} if never
   * @throws MalformedException if the name is too long, or the end is past
   */
  public CompletionStage<Change> createKey(
      Actor by, String owner, String name, long expiresMillis) {
    return createKey(by, owner, name, false, expiresMillis);
  }

  /**
   * Makes a key by which a program can sign for somebody. Its secret is kept as it is, since
   * signatures are checked by it; no door gives it to anybody.
   *
   * @param name what to call it, for people
   * @param expiresMillis when it ends; {@link Session#NEVER} if never
   * @throws MalformedException if the name is too long, or the end is past
   */
  public CompletionStage<Change> createSigningKey(
      Actor by, String owner, String name, long expiresMillis) {
    return createKey(by, owner, name, true, expiresMillis);
  }

  private CompletionStage<Change> createKey(
      Actor by, String owner, String name, boolean signs, long expiresMillis) {
    if (name.isBlank() || name.length() > MOST_NAME_CHARS) {
      throw new MalformedException(
          "name: " + name.length() + " characters (expected: 1 to " + MOST_NAME_CHARS + ")");
    }
    if (expiresMillis <= access.now()) {
      throw new MalformedException("expires: is past (expected: a time to come)");
    }
    Account account = directory.account(owner);
    if (account == null) {
      return done(unknown(owner));
    }
    if (signs && directory.signingKeysOf(owner).size() >= MOST_SIGNING_KEYS) {
      return done(
          new Change.Exists(
              "\""
                  + owner
                  + "\" has "
                  + MOST_SIGNING_KEYS
                  + " signing keys (expected: revoke one)"));
    }
    String key = Secrets.name();
    String secret = signs ? ApiKey.SIGNING_PREFIX + Secrets.secret() : Secrets.secret();
    ApiKey made =
        new ApiKey(
            key,
            owner,
            account.createdMillis(),
            name,
            signs ? null : Secrets.digest(secret),
            signs ? secret : null,
            access.now(),
            expiresMillis);
    CompletionStage<Change> created =
        write(
                append(by, Directory.ofKey(key), Records.write(made)).when(Condition.ABSENT),
                refused -> new Change.Unavailable("the name was taken meanwhile"))
            .thenApply(
                change ->
                    change instanceof Change.Done
                        ? new Change.KeyMade(key, signs ? secret : ApiKey.text(key, secret))
                        : change);
    ObjectNode details = user(owner).put("name", name);
    return audited(by, "key.create", signs ? details.put("signing", true) : details, created);
  }

  /** Ends a key, and all that is held open by it. */
  public CompletionStage<Change> revokeKey(Actor by, String key) {
    if (directory.key(key) == null) {
      return done(
          new Change.Unknown(
              MalformedException.quote(key) + " is not known (expected: a key as lists name it)"));
    }
    return audited(
        by,
        "key.revoke",
        Records.object().put("key", key),
        write(List.of(tombstone(by, Directory.ofKey(key))), refused -> new Change.Done()));
  }

  // ---- grants ----

  /**
   * Lets somebody do something. The id may be one that only tokens or certificates speak of, or
   * {@code anonymous}; an administrator must have an account.
   *
   * @throws MalformedException if nobody can have that id
   */
  public CompletionStage<Change> grant(Actor by, String id, Grant grant) {
    return audited(by, "grant.add", details(id, grant), add(by, id, grant));
  }

  private static ObjectNode details(String id, Grant grant) {
    return user(id).put("right", grant.right().word()).put("pattern", grant.pattern().text());
  }

  private CompletionStage<Change> add(Actor by, String id, Grant grant) {
    if (!id.equals(Identity.ANONYMOUS.id())) {
      Identity.checkId(id);
    }
    if (grant.equals(Grant.ADMINISTRATOR)) {
      if (directory.account(id) == null) {
        return done(unknown(id));
      }
      return changeAdministrators(
          by,
          ids -> {
            Set<String> more = new TreeSet<>(ids);
            return more.add(id)
                ? Step.to(Records.writeAdministrators(more))
                : Step.refused(new Change.Done());
          });
    }
    return changeGrants(
        by,
        id,
        grants -> {
          if (grants.contains(grant)) {
            return Step.refused(new Change.Done());
          }
          if (grants.size() >= MOST_GRANTS) {
            return Step.refused(
                new Change.Exists(
                    "\"" + id + "\" has " + MOST_GRANTS + " grants (expected: wider patterns)"));
          }
          List<Grant> more = new ArrayList<>(grants);
          more.add(grant);
          return Step.to(Records.write(more));
        });
  }

  /** Takes a grant away; whoever reads by it alone stops. */
  public CompletionStage<Change> revoke(Actor by, String id, Grant grant) {
    return audited(by, "grant.remove", details(id, grant), remove(by, id, grant));
  }

  private CompletionStage<Change> remove(Actor by, String id, Grant grant) {
    if (grant.equals(Grant.ADMINISTRATOR)) {
      return directory.administrators().contains(id)
          ? withoutAdministrator(by, id)
          : done(notGranted(id, grant));
    }
    return changeGrants(
        by,
        id,
        grants -> {
          List<Grant> fewer = new ArrayList<>(grants);
          return fewer.remove(grant)
              ? Step.to(Records.write(fewer))
              : Step.refused(notGranted(id, grant));
        });
  }

  private static Change notGranted(String id, Grant grant) {
    return new Change.Unknown(
        "\"" + grant + "\" is not granted to " + MalformedException.quote(id));
  }

  private CompletionStage<Change> changeGrants(
      Actor by, String id, Function<List<Grant>, Step> change) {
    return change(
        by,
        Directory.ofGrants(id),
        latest ->
            change.apply(
                latest.map(message -> Records.grants(Records.object(message))).orElse(List.of())),
        MOST_TRIES);
  }

  /** Takes the right to say who may what from somebody, if he has it and is not the last. */
  private CompletionStage<Change> withoutAdministrator(Actor by, String id) {
    return changeAdministrators(
        by,
        ids -> {
          Set<String> fewer = new TreeSet<>(ids);
          if (!fewer.remove(id)) {
            return Step.refused(new Change.Done());
          }
          return remaining(fewer).isEmpty()
              ? Step.refused(
                  new Change.LastAdministrator(
                      "\""
                          + id
                          + "\" is the last administrator (expected: grant another one administer"
                          + " # first)"))
              : Step.to(Records.writeAdministrators(fewer));
        });
  }

  private Set<String> remaining(Set<String> ids) {
    Set<String> there = new TreeSet<>(ids);
    there.removeIf(id -> directory.account(id) == null);
    return there;
  }

  private CompletionStage<Change> changeAdministrators(
      Actor by, Function<Set<String>, Step> change) {
    return change(
        by,
        Directory.ADMINISTRATORS,
        latest -> change.apply(latest.map(Records::administrators).orElse(Set.of())),
        MOST_TRIES);
  }

  // ---- the log ----

  /** Replaces what a topic says, from what it says now, until nobody else comes between. */
  private CompletionStage<Change> change(
      Actor by, Topic topic, Function<Optional<Message>, Step> change, int tries) {
    return log.latest(topic)
        .thenCompose(
            latest -> {
              Step step = change.apply(latest.filter(message -> !message.deleted()));
              if (step.payload == null) {
                return done(step.refused == null ? new Change.Done() : step.refused);
              }
              Condition unchanged =
                  latest.isPresent()
                      ? new Condition.LatestIs(Id.of(log.epoch(), latest.get()))
                      : Condition.ABSENT;
              return write(
                      append(by, topic, step.payload).when(unchanged),
                      refused -> new Change.Exists("changed meanwhile"))
                  .thenCompose(
                      outcome -> {
                        if (!(outcome instanceof Change.Exists)) {
                          return done(outcome);
                        }
                        return tries > 1
                            ? change(by, topic, change, tries - 1)
                            : done(new Change.Unavailable("too many change it at once"));
                      });
            });
  }

  private static Append append(Actor by, Topic topic, Payload payload) {
    return Append.of(topic, Records.TYPE, payload).withHeaders(by.headers());
  }

  private static Append tombstone(Actor by, Topic topic) {
    return Append.tombstone(topic).withHeaders(by.headers());
  }

  private CompletionStage<Change> write(
      Append append, Function<Appended.ConditionFailed, Change> refused) {
    return write(List.of(append), refused);
  }

  /** Writes, and waits until this node knows of it. */
  private CompletionStage<Change> write(
      List<Append> appends, Function<Appended.ConditionFailed, Change> refused) {
    return log.append(appends)
        .thenCompose(
            outcomes -> {
              long last = 0;
              Change worst = new Change.Done();
              for (Appended outcome : outcomes) {
                if (outcome instanceof Appended.Stored stored) {
                  last = Math.max(last, stored.id().sequence());
                } else if (outcome instanceof Appended.ConditionFailed failed) {
                  Change change = refused.apply(failed);
                  worst = change instanceof Change.Done ? worst : change;
                } else if (outcome instanceof Appended.Unavailable unavailable) {
                  worst = new Change.Unavailable(unavailable.reason());
                } else {
                  worst = new Change.Unavailable("the log did not take it: " + outcome);
                }
              }
              Change became = worst;
              return last == 0
                  ? done(became)
                  : directory.reached(last).thenApply(reached -> became);
            });
  }

  private CompletionStage<Change> withHash(
      @Nullable String password, Function<@Nullable String, CompletionStage<Change>> then) {
    if (password == null) {
      return then.apply(null);
    }
    CompletableFuture<String> hashed = access.passwords().hash(Passwords.check(password));
    return hashed == null
        ? done(new Change.Unavailable("too many passwords are being hashed"))
        : hashed.thenCompose(then);
  }

  private static CompletionStage<Change> done(Change change) {
    return CompletableFuture.completedFuture(change);
  }
}
