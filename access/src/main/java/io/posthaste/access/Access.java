package io.posthaste.access;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Hub;
import io.posthaste.core.Log;
import io.posthaste.core.Shard;
import io.posthaste.core.TopicPattern;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who may, on this node: proves who somebody is, and knows what he may as the log has it. As long
 * as nobody was ever made known everybody may everything; from then on nobody may anything that he
 * was not granted.
 *
 * <p>A node that has not heard the log for longer than its lease cannot know whose rights have
 * ended meanwhile: until it hears it again no session holds. Thread-safe.
 */
public final class Access implements AutoCloseable {
  private static final long TICK_MILLIS = 250;
  private static final long TELL_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * A question to the log where its end is: what is heard up to there is as new as the question.
   */
  private record Probe(long askedNanos, long head) {}

  private final Log log;
  private final Shard shard;
  private final AccessOptions options;
  private final Directory directory;
  private final Passwords passwords = new Passwords();
  private final Guesses guesses;
  private final Audit audit;
  private final Tickets tickets;
  private final Signatures signatures = new Signatures(this);
  private final @Nullable Tokens tokens;
  private final Session open = new Session(Identity.ANONYMOUS, new Basis.NotSetUp(), this);
  private final Session anonymous = new Session(Identity.ANONYMOUS, new Basis.Nothing(), this);
  private final Session operator = new Session(Identity.OPERATOR, new Basis.Operating(), this);
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final ConcurrentSkipListSet<Long> expirySeconds = new ConcurrentSkipListSet<>();
  private final ScheduledFuture<?> ticking;
  private volatile long freshNanos = System.nanoTime();
  private volatile boolean knows; // the log's whole, and heard within the lease where that counts

  // The first shard's thread's:
  private @Nullable Probe probe;
  private long probingSince; // as nanoTime; 0: none is under way
  private boolean wasSetUp;
  private boolean telling;
  private long toldNanos = System.nanoTime() - TELL_EVERY_NANOS;

  /**
   * Begins to follow the log.
   *
   * @throws IllegalArgumentException if a file of keys cannot be read
   */
  public Access(Hub hub, AccessOptions options) {
    this.log = hub.log();
    this.shard = hub.shards().get(0);
    this.options = requireNonNull(options, "options");
    this.guesses = new Guesses(options.clock()::millis);
    this.audit = new Audit(log);
    this.tokens = options.tokens() == null ? null : new Tokens(options.tokens(), this);
    this.tickets = new Tickets(this);
    this.directory = new Directory(hub, this::changed);
    directory.whole().thenRun(this::judge);
    ticking =
        shard
            .loop()
            .scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    directory.begin();
  }

  Directory directory() {
    return directory;
  }

  Passwords passwords() {
    return passwords;
  }

  Audit audit() {
    return audit;
  }

  Log log() {
    return log;
  }

  long now() {
    return options.clock().millis();
  }

  /** Completes when all that the log holds of this is known. */
  public CompletionStage<Void> whole() {
    return directory.whole();
  }

  /** Whether anybody was made known, so that what is not granted is refused. */
  public boolean isSetUp() {
    return directory.isSetUp();
  }

  /** Whether this node knows what is granted. */
  boolean isCurrent() {
    return knows;
  }

  /** Why nobody can be admitted now; empty if he can. */
  public Optional<String> obstacle() {
    if (knows) {
      return Optional.empty();
    }
    return Optional.of(
        directory.whole().isDone()
            ? "what is granted may have changed: this server has not heard the log for "
                + options.lease().toSeconds()
                + " s"
            : "what is granted is not yet known");
  }

  /** The session of whoever shows nothing. */
  public Session anybody() {
    return directory.isSetUp() ? anonymous : open;
  }

  /** The session of whoever may read the server's own files. */
  public Session operator() {
    return operator;
  }

  /**
   * Has somebody told after every change of who may what, after a session has expired, and when
   * this node no longer knows: he is to ask the sessions again by which something is held open.
   * Told at most ten times a second, by the first shard's thread, which must not be blocked.
   */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /**
   * Proves who somebody is. Completes at once for a key, or what one signed; for a password on a
   * thread of its own.
   *
   * @param from whose address whoever shows it has: wrong passwords from there are counted, and
   *     audited; null where it is not known, as behind a proxy that does not tell
   */
  public CompletionStage<Proved> prove(Credential credential, @Nullable InetAddress from) {
    Optional<String> obstacle = obstacle();
    if (obstacle.isPresent()) {
      return CompletableFuture.completedFuture(new Proved.Unavailable(obstacle.get()));
    }
    if (!isSetUp()) {
      return CompletableFuture.completedFuture(new Proved.Admitted(open));
    }
    if (credential instanceof Credential.Key key) {
      return CompletableFuture.completedFuture(proveKey(key, from));
    }
    if (credential instanceof Credential.Signed signed) {
      return CompletableFuture.completedFuture(signatures.prove(signed, from));
    }
    if (credential instanceof Credential.Password password) {
      return provePassword(password, from);
    }
    if (credential instanceof Credential.Ticket ticket) {
      return tickets.use(ticket.ticket());
    }
    Tokens believed = tokens;
    if (credential instanceof Credential.Token token && believed != null) {
      return believed.prove(token.token());
    }
    return CompletableFuture.completedFuture(
        new Proved.Refused("tokens are not taken here (expected: a key or a password)"));
  }

  /**
   * Admits whoever was proved to be somebody by the connection itself, as by a certificate that was
   * verified.
   *
   * @param id who it says he is
   */
  public Proved proved(String id) {
    Optional<String> obstacle = obstacle();
    if (obstacle.isPresent()) {
      return new Proved.Unavailable(obstacle.get());
    }
    if (!isSetUp()) {
      return new Proved.Admitted(open);
    }
    return Identity.isId(id)
        ? admitSaid(id, List.of(), Session.NEVER)
        : new Proved.Refused("the certificate's name cannot be granted anything");
  }

  /** How often something was shown that did not hold. */
  public long failedProofs() {
    return audit.failed();
  }

  /** How often a password was not looked at because too many wrong ones had been shown before. */
  public long delayedProofs() {
    return guesses.delayed();
  }

  /** Whoever an authority that is trusted says he is. */
  Proved admitSaid(String id, List<Grant> grants, long expiresMillis) {
    Account account = directory.account(id);
    Identity identity = account == null ? new Identity(Identity.Kind.USER, id) : account.identity();
    return admit(identity, new Basis.BySaying(id, grants, expiresMillis));
  }

  /**
   * Gives a ticket, by which one stream of these topics may be opened within 30 s where no header
   * can be sent, by whoever has this session and may read them.
   *
   * @return empty if the log cannot keep it now
   * @throws io.posthaste.core.MalformedException if there are too many topics, or too few
   */
  public CompletionStage<Optional<String>> ticket(Session session, List<TopicPattern> topics) {
    return tickets.give(session, topics);
  }

  /** By how much the time of a signature may differ from this server's, in milliseconds. */
  public static long signatureSkewMillis() {
    return Signatures.SKEW_MILLIS;
  }

  /** For how long a ticket can be used, in milliseconds. */
  public static long ticketMillis() {
    return Tickets.MILLIS;
  }

  private Proved proveKey(Credential.Key shown, @Nullable InetAddress from) {
    ApiKey known = directory.key(shown.key());
    String digest = known == null ? null : known.digest();
    if (known == null
        || digest == null
        || !Secrets.isSame(Secrets.digest(shown.secret()), digest)) {
      audit.failed("key " + shown.key(), from);
      return new Proved.Refused("the key is not known (expected: one that was not revoked)");
    }
    return admitByKey(known);
  }

  /** Whoever acts by a key that was proved. */
  Proved admitByKey(ApiKey known) {
    if (known.expiresMillis() <= now()) {
      return new Proved.Refused("the key " + known.key() + " has expired (expected: a new one)");
    }
    Account owner = directory.account(known.owner());
    if (owner == null) {
      return new Proved.Refused("the key is not known (expected: one that was not revoked)");
    }
    Basis basis = new Basis.ByKey(known.key(), known.owner(), known.expiresMillis());
    return admit(owner.identity(), basis);
  }

  private CompletionStage<Proved> provePassword(
      Credential.Password shown, @Nullable InetAddress from) {
    long wait = guesses.waitMillis(shown.id(), from);
    if (wait > 0) {
      return CompletableFuture.completedFuture(new Proved.Delayed(wait));
    }
    Account account = directory.account(shown.id());
    String hash = account == null ? null : account.passwordHash();
    CompletableFuture<Boolean> known = passwords.known(shown.id(), shown.password(), hash);
    if (known != null) {
      return known.thenApply(right -> proved(right, account));
    }
    Guesses.Guess guess = guesses.begin(shown.id(), from);
    CompletableFuture<Boolean> checked = passwords.verify(shown.id(), shown.password(), hash);
    if (checked == null) {
      guess.takeBack();
      return CompletableFuture.completedFuture(new Proved.Busy());
    }
    return checked.thenApply(
        right -> {
          if (right) {
            guess.takeBack();
          } else {
            audit.failed(shown.id(), from);
          }
          return proved(right, account);
        });
  }

  private Proved proved(boolean right, @Nullable Account account) {
    return right && account != null
        ? admit(
            account.identity(), new Basis.ByAccount(account.identity().id(), account.revision()))
        : new Proved.Refused("the id or the password is wrong");
  }

  /** A session on that basis; told of when it expires. */
  Proved admit(Identity identity, Basis basis) {
    Session session = new Session(identity, basis, this);
    if (session.isOver()) {
      return new Proved.Refused("what was shown has been revoked (expected: another)");
    }
    if (basis.expiresMillis() != Session.NEVER) {
      expirySeconds.add(basis.expiresMillis() / 1_000 + 1);
    }
    return new Proved.Admitted(session);
  }

  // ---- the first shard's thread ----

  private void changed() {
    if (directory.isSetUp() && !wasSetUp) {
      wasSetUp = true;
      freshNanos = System.nanoTime();
    }
    judge();
    tell();
  }

  private void tick() {
    audit.tellFailures();
    if (directory.isSetUp() && directory.whole().isDone()) {
      hear();
    }
    boolean knew = knows;
    judge();
    long second = now() / 1_000;
    boolean isDue = false;
    while (!expirySeconds.isEmpty() && expirySeconds.first() <= second) {
      expirySeconds.pollFirst();
      isDue = true;
    }
    if (isDue || knew && !knows) {
      tell();
    }
  }

  private void judge() {
    boolean hears = System.nanoTime() - freshNanos <= options.lease().toNanos();
    knows = directory.whole().isDone() && (hears || !directory.isSetUp());
  }

  /** Finds out how new that is which has been heard. */
  private void hear() {
    Probe asked = probe;
    if (asked != null && directory.place() >= asked.head) {
      freshNanos = asked.askedNanos;
      probe = asked = null;
    }
    long now = System.nanoTime();
    boolean isUnderWay = probingSince != 0 && now - probingSince < options.lease().toNanos();
    if (asked != null || isUnderWay) {
      return;
    }
    probingSince = now;
    log.head(directory.partition())
        .whenComplete(
            (head, failure) ->
                shard.execute(
                    () -> {
                      if (probingSince == now) {
                        probingSince = 0;
                        probe = failure == null ? new Probe(now, head) : null;
                      }
                    }));
  }

  private void tell() {
    if (telling) {
      return;
    }
    telling = true;
    long wait = Math.max(0, toldNanos + TELL_EVERY_NANOS - System.nanoTime());
    shard
        .loop()
        .schedule(
            () -> {
              telling = false;
              toldNanos = System.nanoTime();
              listeners.forEach(Runnable::run);
            },
            wait,
            TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    ticking.cancel(false);
    directory.close();
    passwords.close();
    if (tokens != null) {
      tokens.close();
    }
  }
}
