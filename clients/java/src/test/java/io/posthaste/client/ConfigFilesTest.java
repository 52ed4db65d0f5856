package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.junit.PosthasteExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots stand in for a server that is away, and the operator's files above everything. */
final class ConfigFilesTest {
  @RegisterExtension static final PosthasteExtension SERVER = PosthasteExtension.inMemory();

  @TempDir private Path directory = Path.of("");
  private final ConfigName name = ConfigName.of("files", "shop.properties");
  private Path snapshots = Path.of("");
  private Path failover = Path.of("");

  @BeforeEach
  void directories() {
    SERVER.start();
    snapshots = directory.resolve("snapshots");
    failover = directory.resolve("failover");
  }

  private Posthaste client() {
    return client(Duration.ofSeconds(30));
  }

  /** One that soon gives up, for when there is no server. */
  private Posthaste without() {
    return client(Duration.ofMillis(500));
  }

  private Posthaste client(Duration limit) {
    return Posthaste.builder()
        .node(SERVER.url())
        .backoff(Duration.ofMillis(20), Duration.ofMillis(200))
        .requestLimit(limit)
        .snapshots(snapshots)
        .failover(failover)
        .build();
  }

  private void publish(String content) {
    try (Posthaste client = Posthaste.at(SERVER.url())) {
      client.configs().publish(ConfigEdit.of(name, content).author("ann"));
    }
  }

  @Test
  void theSnapshotIsUsedWhenNoServerCanBeReachedAndWhatIsLiveIsNotToldTwice() {
    publish("a=1");
    Config live;
    try (Posthaste client = client()) {
      live = client.configs().get(name).orElseThrow();
    }
    SERVER.stop();
    try (Posthaste client = without()) {
      Config kept = client.configs().get(name).orElseThrow();
      assertThat(kept.source()).isEqualTo(Config.Source.SNAPSHOT);
      assertThat(kept.content()).isEqualTo("a=1");
      assertThat(kept.id()).isEqualTo(live.id());
      assertThat(kept.at()).isEqualTo(live.at());
      assertThat(kept.headers()).isEqualTo(live.headers()).containsEntry("author", "ann");
      assertThatThrownBy(() -> client.configs().get(ConfigName.of("never", "seen")))
          .isInstanceOf(UnreachableException.class);

      Told told = new Told();
      client.configs().listen(name, told);
      assertThat(told.next().now().orElseThrow().source()).isEqualTo(Config.Source.SNAPSHOT);
      assertThat(client.configs().isReachable()).isFalse();
      SERVER.start(); // with an empty log: what it does not know is no reason to be without
      assertThat(client.configs().get(name).map(Config::content)).contains("a=1");
      publish("a=2");
      told.awaitLast("a=2");
      assertThat(told.all()).hasSize(2);
    }
  }

  @Test
  void whatAServerDoesNotKnowIsKeptAndWhatWasDeletedIsNot() {
    publish("a=1");
    try (Posthaste client = client()) {
      client.configs().get(name);
      SERVER.restart(); // and so without what it had
      assertThat(client.configs().get(name).orElseThrow().source())
          .isEqualTo(Config.Source.SNAPSHOT);
      publish("a=2");
      client.configs().delete(name);
      assertThat(client.configs().get(name)).isEmpty();
      SERVER.restart();
      assertThat(client.configs().get(name)).isEmpty();
    }
    SERVER.stop();
    try (Posthaste client = without()) {
      assertThat(client.configs().get(name)).isEmpty();
    }
  }

  @Test
  void aDamagedSnapshotIsNone() throws IOException {
    publish("a=1");
    try (Posthaste client = client()) {
      client.configs().get(name);
    }
    try (Posthaste client = without()) {
      Path file = snapshots.resolve("public/files/shop.properties");
      byte[] whole = Files.readAllBytes(file);
      SERVER.stop();
      for (int length = 0; length < whole.length; length += 23) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertThat(new Snapshots(snapshots).of(name)).as("cut at %d", length).isNull();
      }
      for (int i = 0; i < whole.length; i += 23) {
        byte[] damaged = whole.clone();
        damaged[i] ^= 1;
        Files.write(file, damaged);
        assertThat(new Snapshots(snapshots).of(name)).as("byte %d", i).isNull();
      }
      assertThatThrownBy(() -> client.configs().get(name)).isInstanceOf(UnreachableException.class);
      Files.write(file, whole);
      assertThat(client.configs().get(name)).isPresent();
      try (Stream<Path> files = Files.list(file.getParent())) {
        assertThat(files).containsExactly(file);
      }
    }
  }

  @Test
  void noNameLeavesTheDirectory() {
    Path root = Path.of("/snapshots");
    for (String part : List.of("..", ".", "...", "a:b", "ä", "ß".repeat(100))) {
      Path file = ConfigFiles.in(root, ConfigName.of(part, part, part)).normalize();
      assertThat(file.startsWith(root)).as(file.toString()).isTrue();
      assertThat(file.getNameCount()).isEqualTo(4);
      assertThat(file.getFileName().toString()).hasSizeLessThanOrEqualTo(200);
    }
  }

  @Test
  void theOperatorsFileWinsForAsLongAsItIsThere() throws IOException {
    publish("a=live");
    try (Posthaste client = client()) {
      Told told = new Told();
      client.configs().listen(name, told);
      told.awaitLast("a=live");

      Path file = failover.resolve("public/files/shop.properties");
      Files.createDirectories(file.getParent());
      Files.writeString(file, "a=by hand");
      told.awaitLast("a=by hand");
      assertThat(client.configs().get(name).orElseThrow().source())
          .isEqualTo(Config.Source.FAILOVER);
      publish("a=unheard");
      Files.setLastModifiedTime(
          Files.writeString(file, "a=by hand again"), FileTime.fromMillis(1_000));
      told.awaitLast("a=by hand again");
      assertThat(told.all().get(told.all().size() - 1).keys().get("a"))
          .hasToString("MODIFIED a: by hand -> by hand again");

      Files.delete(file);
      told.awaitLast("a=unheard");
      assertThat(told.all()).hasSize(4);
    }
  }
}
