package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.posthaste.junit.PosthasteExtension;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Configs are published, compared and set, and listened to. */
final class ConfigsTest {
  private static final long SEED = Long.getLong("posthaste.seed", 5);

  @RegisterExtension static final PosthasteExtension SERVER = PosthasteExtension.onDisk();

  private static Posthaste client() {
    return builder(SERVER.url()).build();
  }

  private static PosthasteBuilder builder(String url) {
    return Posthaste.builder()
        .node(url)
        .backoff(Duration.ofMillis(20), Duration.ofMillis(200))
        .requestLimit(Duration.ofSeconds(5));
  }

  @Test
  void whatIsPublishedIsThereAndWhatIsDeletedIsNot() {
    ConfigName name = ConfigName.of("shop.yaml");
    try (Posthaste client = client()) {
      Configs configs = client.configs();
      assertThat(configs.get(name)).isEmpty();
      Published published =
          configs.publish(ConfigEdit.of(name, "price: 1").author("ann").comment("the first one"));
      Config config = configs.get(name).orElseThrow();
      assertThat(config.id()).isEqualTo(published.id());
      assertThat(config.content()).isEqualTo("price: 1");
      assertThat(config.format()).isEqualTo("yaml");
      assertThat(config.md5()).isEqualTo(config.headers().get("md5"));
      assertThat(config.headers())
          .containsEntry("author", "ann")
          .containsEntry("comment", "the first one");
      assertThat(config.source()).isEqualTo(Config.Source.SERVER);
      assertThat(client.latest("config/public/DEFAULT_GROUP/shop.yaml")).isPresent();
      assertThat(configs.delete(name)).isTrue();
      assertThat(configs.get(name)).isEmpty();
      assertThat(configs.delete(name)).isFalse();
    }
  }

  @Test
  void aVersionIsReplacedOnlyByWhoKnowsIt() {
    ConfigName name = ConfigName.of("team", "limits.json");
    try (Posthaste client = client()) {
      Configs configs = client.configs();
      configs.publish(ConfigEdit.of(name, "{\"n\":1}").ifAbsent());
      assertIsRefused(configs, ConfigEdit.of(name, "{}").ifAbsent());

      Config first = configs.get(name).orElseThrow();
      configs.publish(ConfigEdit.of(name, "{\"n\":2}").ifLatest(first.id()));
      assertIsRefused(configs, ConfigEdit.of(name, "{}").ifLatest(first.id()));

      String md5 = configs.get(name).orElseThrow().md5();
      assertIsRefused(configs, ConfigEdit.of(name, "{}").ifMd5(first.md5()));
      configs.publish(ConfigEdit.of(name, "{\"n\":3}").ifMd5(md5));
      assertThat(configs.get(name).orElseThrow().content()).isEqualTo("{\"n\":3}");
      assertIsRefused(configs, ConfigEdit.of(ConfigName.of("none"), "").ifMd5(md5));
    }
  }

  private static void assertIsRefused(Configs configs, ConfigEdit edit) {
    assertThatThrownBy(() -> configs.publish(edit))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.code()).isEqualTo("conditionFailed"));
  }

  @Test
  void aListenerIsToldOfWhatThereIsAndOfWhatComesKeyByKey() {
    ConfigName name = ConfigName.of("told", "app.properties");
    try (Posthaste client = client()) {
      Configs configs = client.configs();
      configs.publish(ConfigEdit.of(name, "a=1\nb=2\n"));
      Told told = new Told();
      Listening listening = configs.listen(name, told);

      ConfigChange first = told.next();
      assertThat(first.before()).isEmpty();
      assertThat(first.keys().values())
          .extracting(KeyChange::kind)
          .containsOnly(KeyChange.Kind.ADDED);

      configs.publish(ConfigEdit.of(name, "# why\nb=3\nc=4\n"));
      ConfigChange second = told.next();
      assertThat(second.before()).isEqualTo(first.now());
      assertThat(second.keys().values())
          .extracting(KeyChange::toString)
          .containsExactly("MODIFIED b: 2 -> 3", "ADDED c: null -> 4", "DELETED a: 1 -> null");
      assertThat(listening.config()).isEqualTo(second.now());

      configs.delete(name);
      ConfigChange third = told.next();
      assertThat(third.now()).isEmpty();
      assertThat(third.keys()).containsOnlyKeys("b", "c");
      assertThat(listening.config()).isEmpty();

      configs.publish(ConfigEdit.of(name, "b=3"));
      assertThat(told.next().before()).isEmpty();

      listening.close();
      Told other = new Told();
      configs.listen(name, other);
      configs.publish(ConfigEdit.of(name, "b=5"));
      other.awaitLast("b=5");
      assertThat(told.all()).hasSize(4);
    }
  }

  @Test
  void aConfigIsAsLargeAsAServerTakesIt() {
    ConfigName name = ConfigName.of("large", "a.txt");
    String content = "0123456789abcde\n".repeat((10 << 20) / 16);
    try (Posthaste client = client()) {
      Told told = new Told();
      client.configs().listen(name, told);
      client.configs().publish(ConfigEdit.of(name, content).comment("the largest"));
      assertThat(told.next().now().orElseThrow().content()).isEqualTo(content);
      assertThat(client.configs().get(name).orElseThrow().content()).isEqualTo(content);
      assertThatThrownBy(() -> client.configs().publish(ConfigEdit.of(name, content + "x")))
          .isInstanceOfSatisfying(
              RefusedException.class, e -> assertThat(e.code()).isEqualTo("tooLarge"));
    }
  }

  @Test
  void aListenerMayListenAndCloseWithinACall() {
    try (Posthaste client = client()) {
      Configs configs = client.configs();
      Told inner = new Told();
      Listening[] own = new Listening[1];
      ConfigName name = ConfigName.of("within", "a");
      own[0] =
          configs.listen(
              name,
              change -> {
                configs.listen(ConfigName.of("within", "b"), inner);
                own[0].close();
                throw new IllegalStateException("thrown by a test's listener, as it should be");
              });
      configs.publish(ConfigEdit.of(ConfigName.of("within", "b"), "heard"));
      configs.publish(ConfigEdit.of(name, "1"));
      inner.awaitLast("heard");
      configs.publish(ConfigEdit.of(name, "2"));
      configs.publish(ConfigEdit.of(ConfigName.of("within", "b"), "again"));
      inner.awaitLast("again");
      assertThat(inner.all()).hasSize(2);
    }
  }

  @Test
  void thousandsAreReadOverOneConnection() throws Exception {
    int count = 3_001;
    List<Publication> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(ConfigEdit.of(ConfigName.of("many", "c" + i), "1").publication());
    }
    try (Posthaste client = client();
        Posthaste reader = builder(SERVER.url()).application("many").instance("one").build()) {
      client.publishAll(all).forEach(Outcome::get);
      Map<ConfigName, String> told = new ConcurrentHashMap<>();
      for (int i = 0; i < count; i++) {
        reader
            .configs()
            .listen(
                ConfigName.of("many", "c" + i),
                change -> told.put(change.name(), change.now().orElseThrow().content()));
      }
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> told.size() == count);
      for (int i = 0; i < count; i += 500) {
        client.configs().publish(ConfigEdit.of(ConfigName.of("many", "c" + i), "2"));
        ConfigName name = ConfigName.of("many", "c" + i);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> "2".equals(told.get(name)));
      }
      assertThat(connectionsThatRead("config/public/many/**")).isEqualTo(1);
    }
  }

  private static int connectionsThatRead(String topics) throws Exception {
    URI uri = URI.create(SERVER.url() + "/v1/connections?topic=" + topics);
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    return new ObjectMapper().readTree(answer.body()).path("connections").size();
  }

  @Test
  void whateverBreaksTheLastThatIsToldIsTheNewestAndNothingIsToldTwiceOrBackwards()
      throws Exception {
    int count = 40;
    URI url = URI.create(SERVER.url());
    Map<ConfigName, List<String>> told = new ConcurrentHashMap<>();
    Map<ConfigName, String> last = new HashMap<>();
    Random random = new Random(SEED);
    try (FaultyProxy proxy = new FaultyProxy(new InetSocketAddress(url.getHost(), url.getPort()));
        Posthaste reader = builder(proxy.url()).build();
        Posthaste client = client()) {
      AtomicInteger version = new AtomicInteger();
      for (int round = 0; round < 400; round++) {
        ConfigName name = ConfigName.of("hunt", "c" + random.nextInt(count));
        String content = String.format("%06d", version.incrementAndGet());
        client.configs().publish(ConfigEdit.of(name, content));
        last.put(name, content);
        if (random.nextInt(8) == 0) {
          ConfigName wanted = ConfigName.of("hunt", "c" + random.nextInt(count));
          if (told.putIfAbsent(wanted, new CopyOnWriteArrayList<>()) == null) {
            reader
                .configs()
                .listen(
                    wanted, change -> told.get(wanted).add(change.now().orElseThrow().content()));
          }
        }
        if (random.nextInt(20) == 0) {
          proxy.cut();
        }
        if (round == 200) {
          SERVER.restart();
        }
      }
      Set<ConfigName> published = new HashSet<>(told.keySet());
      published.retainAll(last.keySet());
      assertThat(published).hasSizeGreaterThan(10);
      for (ConfigName name : published) {
        Awaitility.await(name.toString())
            .atMost(Duration.ofSeconds(30))
            .until(() -> lastOf(told.get(name)).equals(last.get(name)));
      }
    }
    told.forEach(
        (name, contents) ->
            assertThat(contents).as("%s, seed %d", name, SEED).isSorted().doesNotHaveDuplicates());
  }

  @Test
  void whatChangesBetweenTheAnswerForANewOneAndTheNextSubscriptionIsTold() throws Exception {
    ConfigName busy = ConfigName.of("between", "busy");
    ConfigName quiet = ConfigName.of("between", "quiet");
    Told ofBusy = new Told();
    Told ofQuiet = new Told();
    AtomicInteger held = new AtomicInteger();
    try (Posthaste other = client();
        HoldingProxy proxy =
            new HoldingProxy(
                SERVER.url(),
                asked -> {
                  boolean isForQuietOnly = asked.contains("quiet") && !asked.contains("busy");
                  if (isForQuietOnly && held.getAndIncrement() == 0) {
                    other.configs().publish(ConfigEdit.of(quiet, "2"));
                    other.configs().publish(ConfigEdit.of(busy, "2"));
                    ofBusy.awaitLast("2");
                  }
                });
        Posthaste reader = builder(proxy.url()).techniques(Technique.LONG_POLL).build()) {
      other.configs().publish(ConfigEdit.of(busy, "1"));
      other.configs().publish(ConfigEdit.of(quiet, "1"));
      reader.configs().listen(busy, ofBusy);
      ofBusy.awaitLast("1");
      reader.configs().listen(quiet, ofQuiet);
      ofQuiet.awaitLast("2");
      assertThat(held).hasPositiveValue();
    }
  }

  private static String lastOf(List<String> contents) {
    List<String> all = List.copyOf(contents);
    return all.isEmpty() ? "" : all.get(all.size() - 1);
  }

  @Test
  void aNameThatIsNoneIsRefusedAtOnce() {
    for (String bad : List.of("", "a/b", "a b", "a#", "x".repeat(256))) {
      assertThatThrownBy(() -> ConfigName.of(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("(expected: 1 to 255 letters, digits and _ - . :)");
    }
  }
}
