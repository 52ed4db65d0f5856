package io.posthaste.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who has proved who he is, or nobody in particular, and what he may: always as it stands
 * at the moment of asking. A door asks it at every subscribe and publish; when {@link
 * Access#onChange} tells of a change, it asks again for what it holds open. Thread-safe.
 */
public final class Session {
  /** As a time: never. */
  public static final long NEVER = Long.MAX_VALUE;

  static final Permissions EVERYTHING = new Permissions(List.of(Grant.ADMINISTRATOR));

  /** Of a server without any control of access: may everything, for ever. */
  public static final Session UNCHECKED =
      new Session(Identity.OPERATOR, new Basis.Operating(), null);

  /** What was found at a version of the directory. */
  private record Found(long version, @Nullable Permissions permissions) {}

  private final Identity identity;
  private final Basis basis;
  private final @Nullable Access access;
  private volatile Found found = new Found(Long.MIN_VALUE, null);

  Session(Identity identity, Basis basis, @Nullable Access access) {
    this.identity = identity;
    this.basis = basis;
    this.access = access;
  }

  /** Who it is. */
  public Identity identity() {
    return identity;
  }

  /** Whether somebody proved who he is. */
  public boolean isProved() {
    return !(basis instanceof Basis.Nothing);
  }

  /**
   * Who did something: the id that was proved, or what he says where nobody needs to prove it.
   *
   * @param said may be empty
   */
  public String author(String said) {
    boolean isNamed = !identity.equals(Identity.OPERATOR) && !identity.equals(Identity.ANONYMOUS);
    return isProved() && isNamed ? identity.id() : said;
  }

  /** When it ends by itself, in milliseconds since 1970; {@link #NEVER} if never. */
  public long expiresMillis() {
    return basis.expiresMillis();
  }

  /**
   * Whether it has ended: what it rested on was revoked, changed, or has expired, or this server
   * can no longer know.
   */
  public boolean isOver() {
    return permissions() == null;
  }

  /** Whether it is only over as long as this server cannot know who may what. */
  public boolean isSuspended() {
    Access asked = access;
    return asked != null && !asked.isCurrent();
  }

  /** Whether a topic or all topics of a pattern may be read. */
  public boolean mayRead(TopicPattern topics) {
    Permissions now = permissions();
    return now != null && now.mayRead(topics);
  }

  /** Whether a topic may be read. */
  public boolean mayRead(Topic topic) {
    Permissions now = permissions();
    return now != null && now.mayRead(topic);
  }

  /** The first of these that may not be read; null if all may. */
  public @Nullable TopicPattern firstUnreadable(List<TopicPattern> topics) {
    Permissions now = permissions();
    for (TopicPattern each : topics) {
      if (now == null || !now.mayRead(each)) {
        return each;
      }
    }
    return null;
  }

  /** Whether a topic may be published to. */
  public boolean mayPublish(Topic topic) {
    Permissions now = permissions();
    return now != null && now.mayPublish(topic);
  }

  /** Whether it may say who may what, and see who is connected. */
  public boolean mayAdminister() {
    Permissions now = permissions();
    return now != null && now.isAdministrator();
  }

  /**
   * What the topics begin with that may be read, of those that begin with a prefix; in the order of
   * their UTF-8, and none is the beginning of another.
   */
  public List<String> readablePrefixes(String prefix) {
    if (mayAdminister()) {
      return List.of(prefix);
    }
    TreeSet<String> found = new TreeSet<>(Session::compareUtf8);
    for (Grant grant : grants()) {
      String granted = grant.pattern().prefix();
      if (grant.right() == Right.PUBLISH) {
        continue;
      }
      if (granted.startsWith(prefix)) {
        found.add(granted);
      } else if (prefix.startsWith(granted)) {
        found.add(prefix);
      }
    }
    List<String> apart = new ArrayList<>();
    for (String each : found) {
      if (apart.isEmpty() || !each.startsWith(apart.get(apart.size() - 1))) {
        apart.add(each);
      }
    }
    return apart;
  }

  private static int compareUtf8(String one, String other) {
    return Arrays.compareUnsigned(one.getBytes(UTF_8), other.getBytes(UTF_8));
  }

  /** All that is granted at the moment. */
  public List<Grant> grants() {
    Permissions now = permissions();
    return now == null ? List.of() : now.grants();
  }

  /**
   * The name under which the server remembers a consumer that a client calls by this name:
   * everybody has consumers of his own once access is set up.
   */
  public String consumer(String name) {
    return basis instanceof Basis.NotSetUp || access == null ? name : identity.id() + "/" + name;
  }

  /** The same subscription with a consumer, if it names one, that is this one's own. */
  public Subscription own(Subscription what) {
    return what.start() instanceof Start.Consumer consumer
        ? new Subscription(
            what.topics(), new Start.Consumer(consumer(consumer.name())), what.onlyLatest())
        : what;
  }

  Basis basis() {
    return basis;
  }

  private @Nullable Permissions permissions() {
    Access asked = access;
    if (asked == null) {
      return EVERYTHING;
    }
    if (!asked.isCurrent() || basis.expiresMillis() <= asked.now()) {
      return null;
    }
    long version = asked.directory().version();
    Found before = found;
    if (before.version == version) {
      return before.permissions;
    }
    Permissions now = basis.permissions(asked.directory());
    found = new Found(version, now);
    return now;
  }

  @Override
  public String toString() {
    return "Session[" + identity.id() + "]";
  }
}
