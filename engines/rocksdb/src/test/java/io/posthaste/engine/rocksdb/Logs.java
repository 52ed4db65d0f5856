package io.posthaste.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The words in which this engine's own tests speak. */
final class Logs {
  private static final Random NOISE = new Random(1);

  private Logs() {}

  static RocksLog.Options options(Path directory, String... rules) {
    Policies policies = new Policies(Stream.of(rules).map(Policies.Rule::parse).toList());
    return RocksLog.Options.of(directory, policies).withKeepEvery(Duration.ofMillis(20));
  }

  static <T> T answer(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("the log did not answer", e);
    }
  }

  static Appended append(RocksLog log, String topic, Payload payload) {
    return answer(log.append(List.of(Append.of(new Topic(topic), "", payload)))).get(0);
  }

  static Appended.Stored publish(RocksLog log, String topic, String text) {
    Appended appended = append(log, topic, Payload.of(text));
    assertThat(appended).isInstanceOf(Appended.Stored.class);
    return (Appended.Stored) appended;
  }

  /** Publishes so many messages of so many bytes, in batches, that do not compress. */
  static void publishNoise(RocksLog log, String topic, int count, int bytes) {
    List<CompletionStage<List<Appended>>> underWay = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] payload = new byte[bytes];
      NOISE.nextBytes(payload);
      underWay.add(log.append(List.of(Append.of(new Topic(topic), "", Payload.wrap(payload)))));
      if (underWay.size() == 100) {
        expectStored(underWay);
      }
    }
    expectStored(underWay);
  }

  private static void expectStored(List<CompletionStage<List<Appended>>> underWay) {
    underWay.forEach(stage -> assertThat(answer(stage).get(0)).isInstanceOf(Appended.Stored.class));
    underWay.clear();
  }

  static List<Message> all(RocksLog log, int partition, String topics) {
    List<Message> messages = new ArrayList<>();
    long place = 0;
    while (true) {
      Page page = page(log, partition, topics, place);
      messages.addAll(page.messages());
      place = page.through();
      if (!page.more()) {
        return messages;
      }
    }
  }

  static Page page(RocksLog log, int partition, String topics, long place) {
    return answer(
        log.read(
            new ReadRequest(
                partition, List.of(new TopicPattern(topics)), place, 1_000, 8 << 20, false)));
  }

  static List<String> texts(RocksLog log, String topics) {
    return all(log, 0, topics).stream().map(message -> message.payload().utf8()).toList();
  }

  /** Bytes of all files below, as {@code du --apparent-size} has it. */
  static long diskBytes(Path directory) {
    long bytes = 0;
    File[] files = directory.toFile().listFiles();
    for (File file : files == null ? new File[0] : files) {
      bytes += file.isDirectory() ? diskBytes(file.toPath()) : file.length(); // 0 if just gone
    }
    return bytes;
  }
}
