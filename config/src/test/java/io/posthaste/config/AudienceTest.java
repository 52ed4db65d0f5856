package io.posthaste.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Id;
import io.posthaste.core.LoneNode;
import io.posthaste.core.NodePlace;
import io.posthaste.core.Payload;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who listens, told by doors in the order in which clients do things. */
final class AudienceTest {
  private static final ConfigKey KEY = new ConfigKey("", "G", "a");
  private static final Instance ALICE = Instance.at("10.0.0.1", Map.of("zone", "a"));
  private static final Instance BOB = Instance.at("10.0.0.2", Map.of());
  private static final String POLL = "poll";

  /** A clock that goes when it is told to. */
  private static final class Hands extends Clock {
    private long millis = 1_000_000;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(millis);
    }
  }

  /** An entry of a listing. */
  private record Entry(ConfigKey key, @Nullable Md5 md5) implements Listened {}

  private final Hands clock = new Hands();
  private final Map<ConfigKey, Standing> standings = new ConcurrentHashMap<>();
  private Audience audience = audience(10_000);

  private Audience audience(long most) {
    return new Audience(
        new LoneNode(),
        (key, instance) -> standings.getOrDefault(key, Standing.NEVER),
        clock,
        most);
  }

  @AfterEach
  void close() {
    audience.close();
  }

  private static Md5 md5(String content) {
    return Md5.of(Payload.of(content));
  }

  private Id publish(String content) {
    Standing before = standings.getOrDefault(KEY, Standing.NEVER);
    Id old = before.id();
    Id id = new Id("e", 0, old == null ? 1 : old.sequence() + 1);
    standings.put(KEY, new Standing(md5(content), id, clock.millis()));
    return id;
  }

  private AudiencePage page() throws Exception {
    return page(AudienceQuery.of(KEY, AudienceQuery.MAX_LIMIT));
  }

  private AudiencePage page(AudienceQuery query) throws Exception {
    return audience.find(query).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private Followership only() throws Exception {
    assertThat(page().followers()).hasSize(1);
    return page().followers().get(0);
  }

  private static List<Entry> listing(@Nullable Md5 md5) {
    return List.of(new Entry(KEY, md5));
  }

  @Test
  void aClientThatPollsIsToldFetchesAndConfirmsIsFollowedAsOne() throws Exception {
    Id first = publish("1");
    Follower follower = audience.poll(ALICE, POLL, KEY);
    follower.listensTo(listing(md5("1")));
    Followership came = only();
    assertThat(came.instance()).isEqualTo(ALICE);
    assertThat(came.id()).isEqualTo(first);
    assertThat(came.afterMillis()).isEqualTo(-1); // it had it when it came
    assertThat(came.isCurrent() && came.isConfirmed()).isTrue();

    Id second = publish("2");
    assertThat(only().isCurrent()).isFalse();
    assertThat(page().behind()).isOne();
    clock.millis += 3;
    follower.told(KEY);
    follower.answered();
    assertThat(only().told()).isEqualTo(second);
    assertThat(only().id()).isEqualTo(first);
    clock.millis += 4;
    audience.fetched(ALICE, POLL, KEY, md5("2"));
    Followership fetched = only();
    assertThat(fetched.id()).isEqualTo(second);
    assertThat(fetched.afterMillis()).isEqualTo(7);
    assertThat(fetched.isConfirmed()).isFalse();
    clock.millis += 1;
    Follower again = audience.poll(ALICE, POLL, KEY);
    assertThat(again).isSameAs(follower);
    again.listensTo(listing(md5("2")));
    assertThat(only().isConfirmed()).isTrue();
    assertThat(only().afterMillis()).isEqualTo(7);

    Spreading spreading = page().spreadings().get(0);
    assertThat(spreading.id()).isEqualTo(second);
    assertThat(spreading.told()).isEqualTo(new Spreading.Curve(1, 3, 3, 3, 3));
    assertThat(spreading.had()).isEqualTo(new Spreading.Curve(1, 7, 7, 7, 7));
    assertThat(page().spreadings().get(1).had().count()).isZero();
  }

  @Test
  void twoThatWaitAtOnceBehindOneAddressAreTwo() throws Exception {
    Follower one = audience.poll(ALICE, POLL, KEY);
    one.listensTo(listing(null));
    Follower other = audience.poll(ALICE, POLL, KEY);
    other.listensTo(listing(null));
    assertThat(other).isNotSameAs(one);
    assertThat(page().instances()).isEqualTo(2);
    one.answered();
    assertThat(audience.poll(ALICE, POLL, KEY)).isSameAs(one);
    other.answered();
    assertThat(audience.poll(BOB, POLL, KEY)).isNotSameAs(other);
    assertThat(audience.poll(ALICE, "other", KEY)).isNotSameAs(other);
  }

  @Test
  void whoGoesIsGoneAfterAWhileAndTakesNoRoom() throws Exception {
    Follower polling = audience.poll(ALICE, POLL, KEY);
    polling.listensTo(listing(null));
    Follower connected = audience.join(BOB, "grpc");
    connected.listens(KEY, null);
    polling.answered();
    clock.millis += audience.answeredLease().toMillis() - 1;
    assertThat(page().instances()).isEqualTo(2);
    clock.millis += 1;
    assertThat(page().instances()).isOne();
    connected.gone();
    connected.listens(KEY, null); // a late word of one who has gone
    assertThat(page().instances()).isZero();
    assertThat(audience.holdings()).isZero();
  }

  @Test
  void aBrokenConnectionIsWaitedForLessLong() throws Exception {
    Follower follower = audience.poll(ALICE, POLL, KEY);
    follower.listensTo(listing(null));
    follower.lost();
    assertThat(page().instances()).isOne();
    clock.millis += audience.lostLease().toMillis();
    assertThat(page().instances()).isZero();
  }

  @Test
  void whatIsNoLongerListedIsNoLongerListenedTo() throws Exception {
    List<Entry> all = new ArrayList<>(listing(null));
    ConfigKey other = new ConfigKey("", "G", "b");
    all.add(new Entry(other, md5("x")));
    Follower follower = audience.join(ALICE, POLL);
    follower.listensTo(all);
    assertThat(audience.holdings()).isEqualTo(2);
    assertThat(page(new AudienceQuery(null, "10.0.0.1", false, null, 10)).followers())
        .extracting(Followership::key)
        .containsExactly(KEY, other);
    follower.listensTo(all.subList(1, 2));
    assertThat(audience.holdings()).isOne();
    assertThat(page().instances()).isZero();
    follower.leaves(other);
    assertThat(audience.holdings()).isZero();
  }

  @Test
  void thoseBehindAreFoundPageByPage() throws Exception {
    publish("1");
    for (int i = 0; i < 10; i++) {
      audience.join(ALICE, POLL).listens(KEY, md5(i % 2 == 0 ? "1" : "0"));
    }
    List<Long> numbers = new ArrayList<>();
    @Nullable NodePlace after = null;
    AudiencePage page;
    do {
      page = page(new AudienceQuery(KEY, "", true, after, 2));
      assertThat(page.behind()).isEqualTo(5);
      assertThat(page.instances()).isEqualTo(10);
      page.followers().forEach(one -> numbers.add(one.number()));
      Followership last = page.followers().get(page.followers().size() - 1);
      after = NodePlace.parse(new NodePlace(last.node(), last.number()).toString());
    } while (page.more());
    assertThat(numbers).hasSize(5).isSorted().doesNotHaveDuplicates();
    assertThat(page.versions())
        .containsExactlyInAnyOrder(
            new VersionCount(new VersionCount.Of(md5("1"), new Id("e", 0, 1)), 5),
            new VersionCount(new VersionCount.Of(md5("0"), null), 5));
  }

  @Test
  void thereIsRoomForSoManyAndTheOthersAreCounted() throws Exception {
    audience.close();
    audience = audience(3 * (Audience.OF_A_FOLLOWER + 1));
    for (int i = 0; i < 5; i++) {
      audience.join(ALICE, POLL).listens(KEY, null);
    }
    assertThat(page().instances()).isEqualTo(3);
    assertThat(page().unknown()).isEqualTo(2);
  }

  @Test
  void whoeverComesAsAnotherEachTimeFillsNoMoreThanTheRoom() throws Exception {
    audience.close();
    audience = audience(100);
    for (int i = 0; i < 1_000; i++) {
      audience.poll(Instance.at("10.0.0.9", Map.of("name", "n" + i)), POLL, KEY).answered();
    }
    assertThat(audience.followers().count()).isEqualTo(100 / Audience.OF_A_FOLLOWER);
    clock.millis += audience.answeredLease().toMillis();
    audience.sweep();
    assertThat(audience.followers()).isEmpty();
    audience.join(BOB, POLL).listens(KEY, null); // there is room again
    assertThat(only().instance()).isEqualTo(BOB);
  }

  @Test
  void whosePollComesJustBeforeItIsLookedForStays() throws Exception {
    Follower follower = audience.poll(ALICE, POLL, KEY);
    follower.listensTo(listing(null));
    follower.answered();
    clock.millis += audience.answeredLease().toMillis();
    assertThat(audience.poll(ALICE, POLL, KEY)).isSameAs(follower);
    follower.goneIfOver(clock.millis);
    assertThat(only().instance()).isEqualTo(ALICE);
  }

  @Test
  void whoAreNotWantedAreCountedAndNotListed() throws Exception {
    audience.join(ALICE, POLL).listens(KEY, null);
    AudiencePage page = page(AudienceQuery.of(KEY, 0));
    assertThat(page.instances()).isOne();
    assertThat(page.followers()).isEmpty();
    assertThat(page.more()).isFalse(); // nobody has looked
  }

  @Test
  void whoGoesBackToAnOlderVersionDoesNotCountAsLate() throws Exception {
    publish("1");
    Standing all = standings.get(KEY);
    Follower follower = audience.join(ALICE, POLL);
    follower.listens(KEY, md5("1"));
    clock.millis += 60_000;
    publish("gray");
    follower.listens(KEY, md5("gray"));
    assertThat(only().afterMillis()).isZero();
    clock.millis += 60_000;
    standings.put(KEY, all); // as when a gray release is aborted
    follower.listens(KEY, md5("1"));
    assertThat(only().isCurrent()).isTrue();
    assertThat(only().afterMillis()).isEqualTo(-1);
  }

  @Test
  void whoComesAndGoesInWhateverOrderIsCountedOfEachConfig() throws Exception {
    Random random = new Random(Long.getLong("posthaste.seed", 5));
    List<ConfigKey> keys = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      keys.add(new ConfigKey("", "G", "config-" + i));
    }
    Map<Follower, Set<ConfigKey>> expected = new LinkedHashMap<>();
    for (int step = 0; step < 400; step++) {
      int what = random.nextInt(5);
      List<Follower> known = new ArrayList<>(expected.keySet());
      if (what < 2 || known.isEmpty()) {
        Instance instance = Instance.at("10.0.1." + random.nextInt(9), Map.of());
        expected.put(audience.join(instance, POLL), Set.of());
        continue;
      }
      Follower follower = known.get(random.nextInt(known.size()));
      Set<ConfigKey> listed = new LinkedHashSet<>(expected.get(follower));
      ConfigKey key = keys.get(random.nextInt(keys.size()));
      if (what == 2) {
        follower.gone();
        expected.remove(follower);
      } else if (what == 3) {
        follower.leaves(key);
        listed.remove(key);
        expected.put(follower, listed);
      } else {
        follower.listens(key, null);
        listed.add(key);
        expected.put(follower, listed);
      }
      AudiencePage page = page(AudienceQuery.of(key, AudienceQuery.MAX_LIMIT));
      assertThat(page.followers())
          .as("step %d", step)
          .extracting(Followership::number)
          .containsExactlyElementsOf(
              expected.entrySet().stream()
                  .filter(entry -> entry.getValue().contains(key))
                  .map(entry -> entry.getKey().number)
                  .sorted()
                  .toList());
      assertThat(page.instances()).isEqualTo(page.followers().size());
    }
    assertThat(expected).isNotEmpty();
  }
}
