package io.posthaste.engine.jetstream;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.CommitListener;
import io.posthaste.core.Interest;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.testkit.ExpectWarning;
import io.posthaste.testkit.NatsServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Several nodes with one log, and what may be lost between them and NATS. */
final class NodesTest {
  private static final AtomicInteger LOGS = new AtomicInteger();
  private static @Nullable NatsServers servers;

  private final String prefix = "nodes-" + LOGS.incrementAndGet();

  @BeforeAll
  static void startServer() throws Exception {
    servers = NatsServers.single();
  }

  @AfterAll
  static void stopServer() throws Exception {
    servers().close();
  }

  private static NatsServers servers() {
    return requireNonNull(servers);
  }

  /** Writes down what it hears. */
  private static final class Ears implements CommitListener {
    private final List<String> texts = new ArrayList<>();
    private int interruptions;
    private long head;

    @Override
    public synchronized void onCommit(int partition, List<Message> messages, long reached) {
      messages.forEach(message -> texts.add(message.payload().utf8()));
      head = Math.max(head, reached);
    }

    @Override
    public void onAcknowledged(int partition) {}

    @Override
    public synchronized void onInterrupted(int partition) {
      interruptions += partition == 0 ? 1 : 0;
    }

    synchronized List<String> texts() {
      return List.copyOf(texts);
    }

    synchronized int interruptions() {
      return interruptions;
    }

    synchronized long head() {
      return head;
    }
  }

  private JetStreamLog open(String url, String... rules) {
    Policies policies = new Policies(Stream.of(rules).map(Policies.Rule::parse).toList());
    return JetStreamLog.open(JetStreamOptions.of(List.of(url), policies).withPrefix(prefix));
  }

  private static Appended publish(JetStreamLog log, String topic, String text) throws Exception {
    Append append = Append.of(new Topic(topic), "text/plain", Payload.of(text));
    return log.append(List.of(append)).toCompletableFuture().get(30, TimeUnit.SECONDS).get(0);
  }

  private static Interest follow(JetStreamLog log, Ears ears, String... topics) throws Exception {
    Interest interest = log.follow(ears);
    for (String topic : topics) {
      interest.add(new TopicPattern(topic)).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
    return interest;
  }

  @Test
  void nodesHearEachOther() throws Exception {
    Ears heardByOne = new Ears();
    Ears heardByOther = new Ears();
    try (JetStreamLog one = open(servers().urls());
        JetStreamLog other = open(servers().urls())) {
      assertThat(one.epoch()).isEqualTo(other.epoch());
      follow(one, heardByOne, "a/#");
      follow(other, heardByOther, "a/b");
      for (int i = 0; i < 20; i++) {
        publish(i % 2 == 0 ? one : other, "a/b", "" + i);
      }
      await().untilAsserted(() -> assertThat(heardByOne.texts()).hasSize(20));
      await().untilAsserted(() -> assertThat(heardByOther.texts()).hasSize(20));
      assertThat(heardByOne.texts()).isEqualTo(heardByOther.texts());
    }
  }

  @Test
  void aNodeReceivesNothingOfTopicsThatOnlyOthersRead() throws Exception {
    Ears ears = new Ears();
    try (JetStreamLog reading = open(servers().urls());
        JetStreamLog publishing = open(servers().urls())) {
      follow(reading, ears, "mine");
      for (int i = 0; i < 50; i++) {
        publish(publishing, "others/" + i, "x".repeat(10_000));
      }
      publish(publishing, "mine", "x");
      await().untilAsserted(() -> assertThat(ears.texts()).hasSize(1));
      // By the server's own count: what it sent of live messages on each subscription. (Every node
      // has one to mirrored topics, such as those of who may what.)
      List<String> live = deliveries(prefix + ".live.");
      assertThat(live)
          .filteredOn(subscription -> !subscription.endsWith(".\\u003e 0"))
          .containsExactly(prefix + ".live.0.mine 1");
    }
  }

  /** Each subscription with such a subject, and how many messages the server sent for it. */
  private static List<String> deliveries(String prefix) throws Exception {
    String connections = servers().get(0).monitor("/connz?subs=detail");
    Matcher subscription =
        Pattern.compile(
                "\"subject\": \"(" + Pattern.quote(prefix) + "[^\"]*)\"[^}]*\"msgs\": ([0-9]+)")
            .matcher(connections);
    List<String> found = new ArrayList<>();
    while (subscription.find()) {
      found.add(subscription.group(1) + " " + subscription.group(2));
    }
    return found;
  }

  @Test
  void aLostMessageIsNoticedByTheNext() throws Exception {
    Ears ears = new Ears();
    try (LossyProxy proxy = new LossyProxy(servers().get(0).port());
        JetStreamLog publishing = open(servers().urls());
        JetStreamLog reading = open(proxy.url())) {
      follow(reading, ears, "a");
      publish(publishing, "a", "1");
      await().untilAsserted(() -> assertThat(ears.texts()).containsExactly("1"));
      proxy.drop(subject -> subject.contains(".live."));
      publish(publishing, "a", "2");
      await().until(() -> proxy.dropped() == 1);
      proxy.drop(subject -> false);
      assertThat(ears.interruptions()).isZero();
      publish(publishing, "a", "3");
      await().atMost(Duration.ofSeconds(1)).until(() -> ears.interruptions() > 0);
      await().untilAsserted(() -> assertThat(ears.texts()).containsExactly("1", "3"));
    }
  }

  @Test
  void aLostLastMessageIsNoticedWithinTwoBeats() throws Exception {
    for (String wanted : List.of("a", "#")) {
      Ears ears = new Ears();
      try (LossyProxy proxy = new LossyProxy(servers().get(0).port());
          JetStreamLog publishing = open(servers().urls());
          JetStreamLog reading = open(proxy.url())) {
        follow(reading, ears, wanted);
        publish(publishing, "a", "1");
        await().untilAsserted(() -> assertThat(ears.texts()).containsExactly("1"));
        proxy.drop(subject -> subject.contains(".live."));
        publish(publishing, "a", "2");
        // Two beats are two seconds; the rest is for a slow machine.
        await().atMost(Duration.ofSeconds(4)).until(() -> ears.interruptions() > 0);
        assertThat(proxy.dropped()).isEqualTo(1);
      }
    }
  }

  @Test
  void lostBeatsAreNoticed() throws Exception {
    Ears ears = new Ears();
    try (LossyProxy proxy = new LossyProxy(servers().get(0).port());
        JetStreamLog publishing = open(servers().urls());
        JetStreamLog reading = open(proxy.url())) {
      follow(reading, ears, "a");
      publish(publishing, "a", "1");
      await().until(() -> ears.head() > 0);
      proxy.drop(subject -> subject.contains(".live.") || subject.contains(".beat."));
      publish(publishing, "a", "2");
      await().until(() -> proxy.dropped() > 1);
      await().atMost(Duration.ofSeconds(8)).until(() -> ears.interruptions() > 0);
    }
  }

  @Test
  void quietReadersAreMovedOnByBeats() throws Exception {
    Ears ears = new Ears();
    try (JetStreamLog publishing = open(servers().urls());
        JetStreamLog reading = open(servers().urls())) {
      follow(reading, ears, "quiet");
      Appended.Stored last = null;
      for (int i = 0; i < 10; i++) {
        last = (Appended.Stored) publish(publishing, "busy", "" + i);
      }
      long reached = requireNonNull(last).id().sequence();
      await().atMost(Duration.ofSeconds(8)).until(() -> ears.head() >= reached);
      assertThat(ears.texts()).isEmpty();
      assertThat(ears.interruptions()).isZero();
    }
  }

  @Test
  @ExpectWarning("the connection to NATS is lost")
  void aBrokenConnectionInterruptsAndComesBack() throws Exception {
    Ears ears = new Ears();
    try (LossyProxy proxy = new LossyProxy(servers().get(0).port());
        JetStreamLog publishing = open(servers().urls());
        JetStreamLog reading = open(proxy.url())) {
      follow(reading, ears, "a");
      proxy.cut();
      await().atMost(Duration.ofSeconds(20)).until(() -> ears.interruptions() > 0);
      await().atMost(Duration.ofSeconds(20)).until(() -> reading.failure().isEmpty());
      publish(publishing, "a", "1");
      await().untilAsserted(() -> assertThat(ears.texts()).containsExactly("1"));
      assertThat(publish(reading, "a", "2")).isInstanceOf(Appended.Stored.class);
    }
  }

  @Test
  void whatIsKeptMayChangeButTopicsMayNotMove() throws Exception {
    int partition;
    try (JetStreamLog log = open(servers().urls(), "logs/#=count:10")) {
      partition = log.partitionOf(new Topic("logs/a"));
      publish(log, "logs/a", "x");
      publish(log, "other/a", "x");
    }
    open(servers().urls(), "logs/#=count:5,age:1h").close();
    try (Connection connection = Nats.connect(servers().urls())) {
      JetStreamManagement management = connection.jetStreamManagement();
      StreamConfiguration there =
          management.getStreamInfo(prefix + "_" + partition).getConfiguration();
      assertThat(there.getMaxMsgsPerSubject()).isEqualTo(5);
      assertThat(there.getMaxAge()).isEqualTo(Duration.ofHours(1));
    }
    assertThatThrownBy(() -> open(servers().urls()))
        .isInstanceOf(LogException.class)
        .hasMessageContaining("no rule any more for logs/#");
    assertThatThrownBy(() -> open(servers().urls(), "logs/#=count:5", "other/#=count:5"))
        .isInstanceOf(LogException.class)
        .hasMessageContaining("would move other/a");
    assertThatThrownBy(() -> open(servers().urls(), "logs/#=memory"))
        .isInstanceOf(LogException.class)
        .hasMessageContaining("kept on disk");
    open(servers().urls(), "logs/#=count:5", "fresh/#=count:5").close();
    assertThatThrownBy(() -> open(servers().urls(), "fresh/#=count:5", "logs/#=count:5"))
        .isInstanceOf(LogException.class)
        .hasMessageContaining("another order");
  }

  @Test
  void aStreamOfSomebodyElseIsLeftAlone() throws Exception {
    try (Connection connection = Nats.connect(servers().urls())) {
      connection
          .jetStreamManagement()
          .addStream(
              StreamConfiguration.builder()
                  .name(prefix + "_0")
                  .subjects(prefix + ".mine.>")
                  .storageType(StorageType.Memory)
                  .build());
    }
    assertThatThrownBy(() -> open(servers().urls()))
        .isInstanceOf(LogException.class)
        .hasMessageContaining(prefix + "_0 is none of ours");
  }

  @Test
  @ExpectWarning("the stream was made anew")
  void aStreamThatIsMadeAnewIsAnotherEpoch() throws Exception {
    String before;
    try (JetStreamLog log = open(servers().urls())) {
      before = log.epoch();
      publish(log, "a", "x");
    }
    try (Connection connection = Nats.connect(servers().urls())) {
      connection.jetStreamManagement().deleteStream(prefix + "_0");
    }
    try (JetStreamLog log = open(servers().urls())) {
      assertThat(log.epoch()).isNotEqualTo(before);
    }
  }

  @Test
  void aPollOverThousandsOfMirroredTopicsAsksNatsNothing() throws Exception {
    int topics = 3_000;
    List<TopicPattern> all = new ArrayList<>();
    List<Append> batch = new ArrayList<>();
    for (int i = 0; i < topics; i++) {
      all.add(new TopicPattern("config/" + i));
      batch.add(Append.of(new Topic("config/" + i), "text/plain", Payload.of("" + i)));
    }
    String rule = "config/#=count:3,age:forever,mirrored";
    try (JetStreamLog publishing = open(servers().urls(), rule);
        JetStreamLog reading = open(servers().urls(), rule)) {
      int partition = reading.partitionOf(new Topic("config/0"));
      for (int from = 0; from < topics; from += 500) {
        publishing
            .append(batch.subList(from, from + 500))
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
      }
      long head = reading.head(partition).toCompletableFuture().get(30, TimeUnit.SECONDS);
      await().until(() -> page(reading, partition, all, 0, true).messages().size() == topics);
      long before = asked();
      assertThat(page(reading, partition, all, head, false).messages()).isEmpty();
      assertThat(page(reading, partition, all, 0, true).messages()).hasSize(topics);
      // Both nodes beat meanwhile, and look who else does.
      assertThat(asked() - before).isLessThan(50);
      publish(publishing, "config/17", "new");
      await()
          .untilAsserted(
              () -> {
                Page news = page(reading, partition, all, head, false);
                assertThat(news.messages())
                    .singleElement()
                    .matches(m -> m.payload().utf8().equals("new"));
                assertThat(news.gaps()).isEmpty();
              });
    }
  }

  private static Page page(
      JetStreamLog log, int partition, List<TopicPattern> topics, long place, boolean onlyLatest)
      throws Exception {
    return log.read(new ReadRequest(partition, topics, place, 10_000, 64 << 20, onlyLatest))
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  /** How many messages clients have sent the server so far. */
  private static long asked() throws Exception {
    Matcher messages =
        Pattern.compile("\"in_msgs\": ([0-9]+)").matcher(servers().get(0).monitor("/varz"));
    assertThat(messages.find()).isTrue();
    return Long.parseLong(messages.group(1));
  }
}
