package io.posthaste.engine.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import io.posthaste.testkit.NatsServers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Conditions of several nodes on one topic, in a stream with three replicas. There a nats-server
 * looks at a condition before it proposes a message to the others, and not again when it is stored,
 * so that of two proposals at once both are stored.
 */
final class ConditionsInAClusterTest {
  private static final int ROUNDS = 200;
  private static @Nullable NatsServers servers;
  private static final List<JetStreamLog> LOGS = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    servers = NatsServers.cluster();
    JetStreamOptions options =
        JetStreamOptions.of(List.of(servers.urls().split(",")), Policies.DEFAULT);
    for (int i = 0; i < 3; i++) {
      LOGS.add(JetStreamLog.open(options));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    LOGS.forEach(JetStreamLog::close);
    if (servers != null) {
      servers.close();
    }
  }

  @Test
  void onlyOneOfManyAtOnceIsStored() throws Exception {
    Topic topic = new Topic("race/keyless");
    Id latest = stored(append(LOGS.get(0), Append.of(topic, "", Payload.of("first"))));
    for (int round = 0; round < ROUNDS; round++) {
      latest = race(topic, latest, round, false);
    }
  }

  @Test
  void onlyOneOfManyAtOnceIsStoredIfTheyHaveKeysOfTheirOwn() throws Exception {
    Topic topic = new Topic("race/keyed");
    Id latest = stored(append(LOGS.get(0), Append.of(topic, "", Payload.of("first"))));
    for (int round = 0; round < ROUNDS; round++) {
      latest = race(topic, latest, round, true);
    }
  }

  private static Id race(Topic topic, Id latest, int round, boolean keyed) throws Exception {
    List<CompletableFuture<List<Appended>>> answers = new ArrayList<>();
    for (int i = 0; i < LOGS.size(); i++) {
      Append append =
          Append.of(topic, "", Payload.of(round + " by " + i))
              .when(new Condition.LatestIs(latest))
              .withKey(keyed ? round + "-" + i : null);
      answers.add(LOGS.get(i).append(List.of(append)).toCompletableFuture());
    }
    Id winner = null;
    for (CompletableFuture<List<Appended>> answer : answers) {
      Appended appended = answer.get(20, TimeUnit.SECONDS).get(0);
      if (appended instanceof Appended.Stored stored) {
        assertThat(winner).as("round %d, another one", round).isNull();
        winner = stored.id();
      } else {
        assertThat(appended).isInstanceOf(Appended.ConditionFailed.class);
      }
    }
    assertThat(winner).as("round %d", round).isNotNull();
    return java.util.Objects.requireNonNull(winner);
  }

  @Test
  void aRetryWithItsKeyIsAnsweredAsAtFirstThoughTheConditionHoldsNoMore() throws Exception {
    Topic topic = new Topic("retry");
    Id first = stored(append(LOGS.get(0), Append.of(topic, "", Payload.of("first"))));
    Append next =
        Append.of(topic, "", Payload.of("next")).when(new Condition.LatestIs(first)).withKey("key");
    Id second = stored(append(LOGS.get(0), next));
    assertThat(stored(append(LOGS.get(1), next))).isEqualTo(second);
    stored(append(LOGS.get(2), Append.of(topic, "", Payload.of("another"))));
    assertThat(stored(append(LOGS.get(2), next))).isEqualTo(second);
    assertThat(append(LOGS.get(1), next.withKey("other")))
        .isInstanceOf(Appended.ConditionFailed.class);
    Append reused =
        Append.of(topic, "", Payload.of("something else"))
            .when(new Condition.LatestIs(first))
            .withKey("key");
    assertThat(append(LOGS.get(1), reused)).isInstanceOf(Appended.KeyReused.class);
  }

  @Test
  void aKeyThatWasUsedWithoutAConditionIsLookedAtBeforeTheCondition() throws Exception {
    Topic topic = new Topic("key/first");
    Append append = Append.of(topic, "", Payload.of("first")).withKey("key");
    Id first = stored(append(LOGS.get(0), append));
    Id latest = stored(append(LOGS.get(0), Append.of(topic, "", Payload.of("second"))));
    assertThat(stored(append(LOGS.get(1), append.when(new Condition.LatestIs(latest)))))
        .isEqualTo(first);
    // Once others waited in vain for what that one would have appended.
    Append next = Append.of(topic, "", Payload.of("third")).when(new Condition.LatestIs(latest));
    stored(append(LOGS.get(2), next));
  }

  private static Appended append(JetStreamLog log, Append append) throws Exception {
    return log.append(List.of(append)).toCompletableFuture().get(20, TimeUnit.SECONDS).get(0);
  }

  private static Id stored(Appended appended) {
    assertThat(appended).isInstanceOf(Appended.Stored.class);
    return ((Appended.Stored) appended).id();
  }
}
