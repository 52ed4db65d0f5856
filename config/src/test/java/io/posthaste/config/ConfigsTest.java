package io.posthaste.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.config.ConfigChange.Operation;
import io.posthaste.core.Append;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ConfigsTest {
  private static final ConfigKey KEY = new ConfigKey("", "DEFAULT_GROUP", "app.yaml");
  private static final Policies KEPT = new Policies(ConfigPolicy.before(List.of()));

  private final Log log = new MemoryLog(MemoryLog.Options.of(KEPT));
  private final Hub hub = new Hub(log);
  private final Configs configs = new Configs(hub);

  @BeforeEach
  void awaitReady() {
    await().until(configs::isReady);
  }

  @AfterEach
  void close() throws Exception {
    configs.close();
    hub.close();
    log.close();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(10, SECONDS);
  }

  private Changed publish(ConfigKey key, String content, Expected expected) throws Exception {
    return now(configs.publish(key, Payload.of(content), ConfigAttributes.NONE, expected));
  }

  private Id publish(String content) throws Exception {
    return ((Changed.Done) publish(KEY, content, Expected.ANYTHING)).id();
  }

  private String content() throws Exception {
    return now(configs.get(KEY)).orElseThrow().content().utf8();
  }

  private static Md5 md5(String content) {
    return Md5.of(Payload.of(content));
  }

  @Test
  void whatIsPublishedIsThereWithAllThatIsSaidOfIt() throws Exception {
    ConfigAttributes attributes =
        new ConfigAttributes("YAML", "ann", "10.0.0.7", "why", "shop", "what for", "a,b", "k==");

    Changed done = now(configs.publish(KEY, Payload.of("a: 1"), attributes, Expected.ANYTHING));

    ConfigVersion version = now(configs.get(KEY)).orElseThrow();
    assertThat(version.content().utf8()).isEqualTo("a: 1");
    assertThat(version.attributes()).isEqualTo(attributes.withFormat("yaml"));
    assertThat(version.md5()).isEqualTo(md5("a: 1"));
    assertThat(version.id()).isEqualTo(((Changed.Done) done).id());
    Topic topic = new Topic("config/public/DEFAULT_GROUP/app.yaml");
    assertThat(now(log.latest(topic)).orElseThrow().headers())
        .containsEntry("md5", md5("a: 1").toString());
  }

  @Test
  void theDigestIsThatOfTheRfc() {
    // RFC 1321, A.5
    assertThat(md5("message digest")).hasToString("f96b697d7cb7938d525a2f31aaf161d0");
    assertThat(Md5.parse("F96B697D7CB7938D525A2F31AAF161D0")).isEqualTo(md5("message digest"));
  }

  @Test
  void aWriterFindsWrittenAtOnceWhatItWrote() throws Exception {
    for (int i = 0; i < 200; i++) {
      publish("v" + i);
      assertThat(configs.md5(KEY)).isEqualTo(md5("v" + i));
      assertThat(content()).isEqualTo("v" + i);
    }
    now(configs.remove(KEY, ConfigAttributes.NONE, Expected.ANYTHING));
    assertThat(configs.md5(KEY)).isNull();
    assertThat(now(configs.get(KEY))).isEmpty();
  }

  @Test
  void comparesBeforeItSets() throws Exception {
    assertThat(publish(KEY, "a", Expected.ABSENT)).isInstanceOf(Changed.Done.class);
    assertThat(publish(KEY, "b", Expected.ABSENT)).isInstanceOf(Changed.Conflict.class);
    assertThat(publish(KEY, "b", new Expected.Content(md5("x"))))
        .isInstanceOf(Changed.Conflict.class);
    Changed second = publish(KEY, "b", new Expected.Content(md5("a")));
    assertThat(second).isInstanceOf(Changed.Done.class);
    Id version = ((Changed.Done) second).id();
    assertThat(publish(KEY, "c", new Expected.Version(version))).isInstanceOf(Changed.Done.class);
    assertThat(publish(KEY, "d", new Expected.Version(version)))
        .isInstanceOf(Changed.Conflict.class);
    assertThat(now(configs.remove(KEY, ConfigAttributes.NONE, new Expected.Content(md5("b")))))
        .isInstanceOf(Changed.Conflict.class);
    assertThat(content()).isEqualTo("c");
  }

  @Test
  void noUpdateOfManyWritersIsLost() throws Exception {
    publish("0");
    List<Thread> writers =
        IntStream.range(0, 4).mapToObj(i -> new Thread(() -> count(50))).toList();
    writers.forEach(Thread::start);
    for (Thread writer : writers) {
      writer.join();
    }
    assertThat(content()).isEqualTo("200");
  }

  /** Adds one, so many times, by nothing but compare and set. */
  private void count(int times) {
    try {
      for (int done = 0; done < times; ) {
        String before = content();
        String after = String.valueOf(Integer.parseInt(before) + 1);
        if (publish(KEY, after, new Expected.Content(md5(before))) instanceof Changed.Done) {
          done++;
        }
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void toDeleteWhatIsNotThereIsNoError() throws Exception {
    assertThat(now(configs.remove(KEY, ConfigAttributes.NONE, Expected.ANYTHING)))
        .isInstanceOf(Changed.AbsentAlready.class);
    publish("a");
    assertThat(now(configs.remove(KEY, ConfigAttributes.NONE, Expected.ANYTHING)))
        .isInstanceOf(Changed.Done.class);
    assertThat(now(configs.remove(KEY, ConfigAttributes.NONE, Expected.ANYTHING)))
        .isInstanceOf(Changed.AbsentAlready.class);
  }

  @Test
  void historyTellsWhatWasDoneAndWhatCameOfIt() throws Exception {
    publish("a");
    publish("bb");
    now(configs.remove(KEY, ConfigAttributes.NONE.by("ann", "::1", "no use"), Expected.ANYTHING));
    publish("a");

    List<ConfigChange> changes = now(configs.history(KEY));

    assertThat(changes)
        .extracting(ConfigChange::operation)
        .containsExactly(
            Operation.CREATED, Operation.DELETED, Operation.UPDATED, Operation.CREATED);
    assertThat(changes).extracting(ConfigChange::bytes).containsExactly(1, 0, 2, 1);
    assertThat(changes.get(2).md5()).isEqualTo(md5("bb"));
    assertThat(changes.get(1).attributes().author()).isEqualTo("ann");
  }

  @Test
  void theLastHundredVersionsAreKept() throws Exception {
    for (int i = 0; i < 130; i++) {
      publish("v" + i);
    }
    List<ConfigChange> changes = now(configs.history(KEY));
    assertThat(changes.size()).isBetween(100, 129);
    assertThat(changes.get(0).md5()).isEqualTo(md5("v129"));
    assertThat(changes.get(99).md5()).isEqualTo(md5("v30"));
    assertThat(changes.get(changes.size() - 1).operation()).isEqualTo(Operation.UPDATED);
  }

  @Test
  void rollbackPublishesAnOldVersionAnewAndNeverDeletes() throws Exception {
    Id first = publish("a");
    publish("b");
    now(configs.remove(KEY, ConfigAttributes.NONE, Expected.ANYTHING));
    Id deletion = now(configs.history(KEY)).get(0).id();

    assertThat(now(configs.rollback(KEY, deletion, "ann", "", Expected.ANYTHING)))
        .isInstanceOf(Changed.NoSuchVersion.class);
    assertThat(now(configs.rollback(KEY, first, "ann", "", Expected.ANYTHING)))
        .isInstanceOf(Changed.Done.class);

    assertThat(content()).isEqualTo("a");
    assertThat(now(configs.history(KEY))).hasSize(4);
    assertThat(now(configs.get(KEY)).orElseThrow().attributes().comment())
        .isEqualTo("rollback to " + first);
  }

  @Test
  void listenersHearOfEveryChangeOnceItCanBeRead() {
    Queue<String> heard = new ConcurrentLinkedQueue<>();
    configs.listen(keys -> keys.forEach(key -> heard.add(key.name() + " " + configs.md5(key))));
    hub.publish(Append.of(KEY.topic(), "text/plain", Payload.of("by the native door")));
    await()
        .untilAsserted(() -> assertThat(heard).contains("app.yaml " + md5("by the native door")));
  }

  @Test
  void findsByNameAndCountsNamespaces() throws Exception {
    for (String name : List.of("a.yaml", "b.yaml", "b.json")) {
      publish(new ConfigKey("", "G", name), "x", Expected.ANYTHING);
      publish(new ConfigKey("dev", "G", name), "x", Expected.ANYTHING);
    }
    ConfigKey gone = new ConfigKey("dev", "G", "a.yaml");
    now(configs.remove(gone, ConfigAttributes.NONE, Expected.ANYTHING));

    assertThat(configs.search("public", "", "*.yaml"))
        .extracting(ConfigKey::name)
        .containsExactly("a.yaml", "b.yaml");
    assertThat(configs.search("dev", "G", "")).hasSize(2);
    assertThat(configs.search("dev", "g", "")).isEmpty();
    assertThat(configs.namespaces(key -> true)).containsEntry("dev", 2).containsEntry("public", 3);
  }

  @Test
  void topicsThatAreNoConfigsAreLeftAlone() throws Exception {
    for (String topic : List.of("config/a/b", "config/a/b/c/d", "config//b/c", "config/a/b/c d")) {
      now(hub.publish(Append.of(new Topic(topic), "text/plain", Payload.of("x"))));
    }
    publish("a");
    assertThat(configs.namespaces(key -> true)).containsOnlyKeys("public");
  }

  @Test
  void aStampRisesWithEveryChange() throws Exception {
    assertThat(configs.stamp(KEY)).isEqualTo(-1);
    long last = -1;
    for (int i = 0; i < 3_000; i++) { // more than a millisecond can tell apart by sequences
      publish("v" + i);
      assertThat(configs.stamp(KEY)).isGreaterThan(last).isLessThan(1L << 53);
      last = configs.stamp(KEY);
    }
    now(configs.remove(KEY, ConfigAttributes.NONE, Expected.ANYTHING));
    assertThat(configs.stamp(KEY)).isGreaterThan(last);
  }
}
