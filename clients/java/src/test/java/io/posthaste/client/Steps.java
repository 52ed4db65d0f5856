package io.posthaste.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Takes the steps of one behaviour, as {@code clients/README.md} explains them. */
final class Steps implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Posthaste client;
  private final Posthaste direct;
  private final List<List<FaultyProxy>> proxies;
  private final Runnable restart;
  private final Map<String, Heard> heard = new HashMap<>();
  private final Map<String, Subscription> subscriptions = new HashMap<>();
  private @Nullable Published latest;
  private @Nullable Page page;

  /**
   * @param client under test, behind the proxies
   * @param direct to the server itself, for what is not under test
   * @param proxies those on the way to each node
   */
  Steps(Posthaste client, Posthaste direct, List<List<FaultyProxy>> proxies, Runnable restart) {
    this.client = client;
    this.direct = direct;
    this.proxies = proxies;
    this.restart = restart;
  }

  void take(JsonNode step) throws Exception {
    String refusal = step.path("refused").asText();
    if (refusal.isEmpty()) {
      takeOne(step);
    } else {
      assertThatThrownBy(() -> takeOne(step))
          .isInstanceOfSatisfying(
              RefusedException.class, e -> assertThat(e.code()).isEqualTo(refusal));
    }
  }

  private void takeOne(JsonNode step) throws Exception {
    String verb = step.fieldNames().next();
    JsonNode object = step.path(verb);
    String as = step.path("as").asText("r");
    switch (verb) {
      case "publish" -> publish(object.asText(), step);
      case "batch" -> batch(object, step);
      case "delete" ->
          assertThat(direct.delete(object.asText())).isEqualTo(step.path("was").asBoolean());
      case "latest" -> check(direct.latest(object.asText()), step.path("is"));
      case "awaitChange" -> awaitChange(object.asText(), step);
      case "poll" -> poll(object, step);
      case "list" ->
          assertThat(direct.topics(object.asText()).map(TopicEntry::topic))
              .containsExactlyElementsOf(strings(step.path("finds")));
      case "subscribe" -> subscribe(object, step, as);
      case "hear" -> hear(object, as);
      case "hearAnyOrder" ->
          assertThat(texts(reader(as).next(object.size())))
              .containsExactlyInAnyOrderElementsOf(strings(object));
      case "hearCount" ->
          assertThat(texts(reader(as).next(object.asInt()))).isEqualTo(numbers(object.asInt()));
      case "missed" -> missed(object.asBoolean(), reader(as));
      case "technique" -> technique(requireNonNull(Behaviours.TECHNIQUES.get(object.asText())), as);
      case "pause" -> reader(as).pause();
      case "resume" -> reader(as).resume();
      case "close" -> subscription(object.asText()).close();
      case "ack" ->
          direct.acknowledge(
              object.asText(), subscription(step.path("upTo").asText()).cursor().orElseThrow());
      case "forget" -> {
        direct.forget(object.asText());
        assertThat(direct.consumer(object.asText())).isEmpty();
      }
      case "quietSeconds" -> Thread.sleep(object.asInt() * 1000L);
      case "cut" -> proxies.forEach(node -> node.forEach(FaultyProxy::cut));
      case "restart" -> restart.run();
      case "network" -> {
        for (FaultyProxy proxy : proxies.get(step.path("node").asInt(1) - 1)) {
          proxy.become(faults(object));
        }
      }
      default -> throw new IllegalArgumentException("step: " + verb + " (expected: a known one)");
    }
  }

  private static FaultyProxy.Faults faults(JsonNode faults) {
    return new FaultyProxy.Faults(
        faults.path("down").asBoolean(),
        faults.path("refuseUpgrades").asBoolean(),
        faults.path("swallowUpgrades").asBoolean(),
        faults.path("gatherStreams").asBoolean(),
        faults.path("cutHeldMillis").asLong(),
        faults.path("loseAnswers").asInt());
  }

  private void publish(String topic, JsonNode step) throws IOException {
    Posthaste by = step.path("through").asText().equals("network") ? client : direct;
    if (step.has("count")) {
      List<Publication> all = new ArrayList<>();
      numbers(step.path("count").asInt()).forEach(n -> all.add(Publication.text(topic, n)));
      by.publishAll(all).forEach(Outcome::get);
      return;
    }
    for (JsonNode message : step.path("messages")) {
      Publication publication = publication(topic, message);
      if (step.has("key")) {
        publication = publication.withKey(step.path("key").asText());
      }
      latest = by.publish(conditional(publication, step.path("match").asText()));
    }
  }

  private Publication conditional(Publication publication, String match) {
    return switch (match) {
      case "none" -> publication.ifAbsent();
      case "*" -> publication.ifPresent();
      case "latest" -> publication.ifLatest(requireNonNull(latest).id());
      default -> publication;
    };
  }

  private static Publication publication(String topic, JsonNode message) {
    Publication publication;
    if (message.isTextual()) {
      return Publication.text(topic, message.textValue());
    } else if (message.has("json")) {
      publication = Publication.json(topic, message.path("json").toString());
    } else if (message.has("base64")) {
      byte[] bytes = Base64.getDecoder().decode(message.path("base64").asText());
      publication = Publication.bytes(topic, message.path("type").asText(), bytes);
    } else {
      publication = Publication.text(topic, message.path("text").asText());
    }
    for (Map.Entry<String, JsonNode> header : message.path("headers").properties()) {
      publication = publication.withHeader(header.getKey(), header.getValue().asText());
    }
    return publication;
  }

  private void batch(JsonNode messages, JsonNode step) {
    List<Publication> all = new ArrayList<>();
    messages.forEach(message -> all.add(publication(message.path("topic").asText(), message)));
    assertThat(direct.publishAll(all))
        .extracting(outcome -> outcome.refusal().map(RefusedException::code).orElse("stored"))
        .isEqualTo(strings(step.path("outcomes")));
  }

  private void awaitChange(String topic, JsonNode step) throws Exception {
    String known = direct.latest(topic).map(Value::id).orElse("");
    Duration wait = Duration.ofSeconds(step.path("waitSeconds").asLong());
    Optional<Value> change =
        whileTaking(step.path("during"), () -> client.awaitChange(topic, known, wait));
    if (step.path("is").asText().equals("unchanged")) {
      assertThat(change).isEmpty();
    } else {
      check(change.filter(value -> !value.isDeleted()), step.path("is"));
      assertThat(change).isPresent();
    }
  }

  private void poll(JsonNode topics, JsonNode step) throws Exception {
    Reading reading = reading(topics, step);
    if (step.has("afterPoll")) {
      reading = reading.after(requireNonNull(page).next());
    }
    if (step.has("limit")) {
      reading = reading.limit(step.path("limit").asInt());
    }
    Reading whole = reading;
    Duration wait = Duration.ofSeconds(step.path("waitSeconds").asLong());
    Page found = whileTaking(step.path("during"), () -> client.poll(whole, wait));
    page = found;
    check(found.messages(), step.path("finds"));
    if (step.has("more")) {
      assertThat(found.more()).isEqualTo(step.path("more").asBoolean());
    }
  }

  /** Something that is waited for. */
  private interface Waiting<T> {
    T get();
  }

  private <T> T whileTaking(JsonNode during, Waiting<T> waiting) throws Exception {
    if (during.isMissingNode()) {
      return waiting.get();
    }
    CompletableFuture<T> result = CompletableFuture.supplyAsync(waiting::get);
    take(during);
    return result.get(LIMIT.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
  }

  private Reading reading(JsonNode topics, JsonNode step) {
    Reading reading = Reading.of(strings(topics));
    if (step.has("after")) {
      reading = reading.after(step.path("after").asText());
    } else if (step.has("last")) {
      reading = reading.last(step.path("last").asInt());
    } else if (step.has("consumer")) {
      reading = reading.consumer(step.path("consumer").asText());
    } else if (step.has("afterCursorOf")) {
      reading =
          reading.after(subscription(step.path("afterCursorOf").asText()).cursor().orElseThrow());
    }
    return step.path("onlyLatest").asBoolean() ? reading.onlyLatest() : reading;
  }

  private void subscribe(JsonNode topics, JsonNode step, String as) {
    Heard listener = new Heard();
    heard.put(as, listener);
    subscriptions.put(as, client.subscribe(reading(topics, step), listener));
  }

  private Heard reader(String as) {
    return requireNonNull(heard.get(as), as);
  }

  private Subscription subscription(String as) {
    return requireNonNull(subscriptions.get(as), as);
  }

  private void hear(JsonNode expected, String as) throws IOException {
    check(reader(as).next(expected.size()), expected);
  }

  private static void missed(boolean expected, Heard heard) {
    if (expected) {
      heard.awaitMissed();
    } else {
      assertThat(heard.hasMissed()).as("missed").isFalse();
    }
  }

  private void technique(Technique expected, String as) {
    Awaitility.await("carried by " + expected)
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(subscription(as).technique()).contains(expected));
  }

  private static void check(List<Message> found, JsonNode expected) throws IOException {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      Message message = found.get(i);
      JsonNode wanted = expected.get(i);
      assertThat(message.isDeleted()).isEqualTo(wanted.isNull());
      check(message.text(), message.bytes(), message.type(), wanted);
      for (Map.Entry<String, JsonNode> header : wanted.path("headers").properties()) {
        assertThat(message.headers()).containsEntry(header.getKey(), header.getValue().asText());
      }
    }
  }

  private static void check(Optional<Value> found, JsonNode expected) throws IOException {
    assertThat(found.isPresent()).isEqualTo(!expected.isNull());
    if (found.isPresent()) {
      check(found.get().text(), found.get().bytes(), found.get().type(), expected);
    }
  }

  private static void check(String text, byte[] bytes, Optional<String> type, JsonNode expected)
      throws IOException {
    if (expected.isTextual()) {
      assertThat(text).isEqualTo(expected.textValue());
    } else if (expected.has("text")) {
      assertThat(text).isEqualTo(expected.path("text").textValue());
    } else if (expected.has("json")) {
      assertThat(Behaviours.parse(text)).isEqualTo(expected.path("json"));
    } else if (expected.has("base64")) {
      assertThat(Base64.getEncoder().encodeToString(bytes))
          .isEqualTo(expected.path("base64").asText());
    }
    if (expected.has("type")) {
      assertThat(type).contains(expected.path("type").asText());
    }
  }

  private static List<String> texts(List<Message> messages) {
    return messages.stream().map(Message::text).toList();
  }

  private static List<String> numbers(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(Integer::toString).toList();
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(element -> strings.add(element.asText()));
    return strings;
  }

  @Override
  public void close() throws IOException {
    client.close();
    direct.close();
    for (List<FaultyProxy> node : proxies) {
      for (FaultyProxy proxy : node) {
        proxy.close();
      }
    }
  }
}
