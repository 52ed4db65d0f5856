package io.posthaste.client;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client of Posthaste.
 *
 * <pre>{@code
 * try (Posthaste client = Posthaste.at("http://127.0.0.1:8080")) {
 *   client.subscribe("news/#", message -> System.out.println(message.text()));
 *   client.publish("news/today", "hello");
 * }
 * }</pre>
 *
 * <p>One is enough for an application, and it is safe to be used by many threads. Methods block
 * until they are answered, 10 seconds at most unless told otherwise. Requests are repeated by
 * themselves where a server cannot be reached or cannot serve for the moment, publications under a
 * key, so that none is doubled. Methods throw {@link RefusedException} if the server refuses, and
 * {@link UnreachableException} if none answered in time.
 *
 * <p>Each subscription has a connection and a thread of its own: many topics belong into one {@link
 * Reading}, not into many subscriptions.
 */
public final class Posthaste implements AutoCloseable {
  private static final int LIST_LIMIT = 1_000;

  private final Options options;
  private final Http http;
  private final List<Node> nodes = new ArrayList<>();
  private final Requests requests;
  private final Map<Technique, Carrier> carriers = new EnumMap<>(Technique.class);
  private final PollCarrier poller;
  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private final int firstNode;
  private @Nullable Configs configs; // once asked for; guarded by this
  private volatile boolean closed;

  Posthaste(Options options) {
    this.options = options;
    this.http = new Http(options);
    options.nodes.forEach(base -> nodes.add(new Node(base, options)));
    this.firstNode = ThreadLocalRandom.current().nextInt(nodes.size());
    this.requests = new Requests(http, options, nodes, firstNode);
    this.poller = PollCarrier.atAnInterval(http, options);
    carriers.put(Technique.TCP, new TcpCarrier(http, options));
    carriers.put(Technique.WEBSOCKET, new WebSocketCarrier(http, options));
    carriers.put(Technique.SSE, new EventsCarrier(http, options));
    carriers.put(Technique.LONG_POLL, PollCarrier.held(http, options));
    carriers.put(Technique.SHORT_POLL, poller);
  }

  /**
   * A client with the settings that suit most.
   *
   * @param urls a server's address, such as {@code http://127.0.0.1:8080}; several for the nodes of
   *     a cluster
   */
  public static Posthaste at(String... urls) {
    PosthasteBuilder builder = builder();
    for (String url : urls) {
      builder.node(url);
    }
    return builder.build();
  }

  /** A client with other settings. */
  public static PosthasteBuilder builder() {
    return new PosthasteBuilder();
  }

  /** Publishes text. When this returns the message is on disk, and whoever waits for it hears. */
  public Published publish(String topic, String text) {
    return publish(Publication.text(topic, text));
  }

  /**
   * Publishes a message. When this returns it is on disk, and whoever waits for it hears.
   *
   * @throws RefusedException among others if its condition does not hold: {@code conditionFailed}
   */
  public Published publish(Publication publication) {
    if (!publication.headers().isEmpty()) {
      return publishAll(List.of(publication))
          .get(0)
          .get(); // HTTP's own headers are not a message's
    }
    String key = keyOf(publication);
    Http.Answer answer =
        requests.send(
            node -> {
              HttpRequest.Builder request =
                  http.request(node.http(Paths.topic(publication.topic())))
                      .header("Idempotency-Key", key)
                      .POST(BodyPublishers.ofByteArray(publication.payload()));
              if (!publication.type().isEmpty()) {
                request.header("Content-Type", publication.type());
              }
              String match = publication.match();
              if (match != null) {
                request.header(
                    match.equals("none") ? "If-None-Match" : "If-Match",
                    match.equals("none") || match.equals("*") ? "*" : "\"" + match + "\"");
              }
              return request;
            });
    return read(answer, 201, json -> Wire.published(JsonObject.parse(json.body)));
  }

  private static String keyOf(Publication publication) {
    String key = publication.key();
    return key == null ? UUID.randomUUID().toString() : key;
  }

  /**
   * Publishes several messages by one request; each is judged for itself. The server takes at most
   * 10,000 and 8 MiB at once, or one that is as large as its topic lets it be.
   *
   * @return what became of each, in their order
   */
  public List<Outcome> publishAll(List<Publication> publications) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Publication publication : publications) {
      byte[] line = Wire.line(publication, keyOf(publication));
      lines.write(line, 0, line.length);
      lines.write('\n');
    }
    Http.Answer answer =
        requests.send(
            node ->
                http.request(node.http("/v1/batch"))
                    .header("Content-Type", "application/x-ndjson")
                    .POST(BodyPublishers.ofByteArray(lines.toByteArray())));
    return read(answer, 200, json -> Outcomes.parse(json.body, publications.size()));
  }

  /**
   * Tells a listener of what is published to a topic or pattern from now on: all that is published
   * after this returned, unless no server could be reached yet, of which the listener is told.
   */
  public Subscription subscribe(String topic, Listener listener) {
    return subscribe(Reading.of(topic), listener);
  }

  /**
   * Tells a listener of messages, until it is closed: each once, in log order, across broken
   * connections, nodes, and servers' restarts.
   *
   * @throws RefusedException if the server will not have this reading
   */
  public Subscription subscribe(Reading reading, Listener listener) {
    requireNonNull(listener, "listener");
    if (reading.beginning() == Reading.Beginning.BEFORE) {
      throw new IllegalArgumentException("before: a subscription goes forward (expected: poll)");
    }
    checkOpen();
    int at = firstNode;
    Page first = null;
    for (int tries = 0; first == null && tries < nodes.size(); tries++) {
      first = firstPage(nodes.get(at), reading);
      at = first == null ? (at + 1) % nodes.size() : at;
    }
    Follower follower = new Follower(options, nodes, at, carriers, http, reading, listener, first);
    Subscription subscription = new Subscription(follower);
    Thread thread =
        new Thread(
            () -> {
              follower.run();
              subscriptions.remove(subscription);
            },
            "posthaste-subscription-" + count.incrementAndGet());
    thread.setDaemon(true);
    follower.callbacks().belongTo(thread);
    subscriptions.add(subscription);
    thread.start();
    if (closed) {
      subscription.close();
    }
    return subscription;
  }

  /** What there is already, and the place to go on from; null if the node cannot say. */
  private @Nullable Page firstPage(Node node, Reading reading) {
    try {
      return poller.ask(node, reading, Duration.ZERO);
    } catch (IOException e) {
      Logs.LOGGER.log(System.Logger.Level.DEBUG, "{0} does not say yet: {1}", node, e);
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnreachableException("interrupted while waiting for " + node, e);
    }
  }

  /** Configs, and who is told of their changes. The same object at every call. */
  public synchronized Configs configs() {
    checkOpen();
    Configs known = configs;
    if (known == null) {
      known = new Configs(this, options, http, requests);
      configs = known;
    }
    return known;
  }

  /** Asks once for what there is. */
  public Page poll(Reading reading) {
    return poll(reading, Duration.ZERO);
  }

  /**
   * Asks once for what there is, and waits for something if there is nothing.
   *
   * @param wait for how long; an empty page may come after 0.8 of it
   */
  public Page poll(Reading reading, Duration wait) {
    Reading from = reading;
    long endNanos = System.nanoTime() + wait.toNanos();
    while (true) {
      Duration hold = hold(endNanos);
      String path = from.path(true) + waitParameter(hold, '&');
      Http.Answer answer = requests.send(node -> http.request(node.http(path)), hold);
      Page page = read(answer, 200, json -> Wire.page(JsonObject.parse(json.body)));
      boolean isOver = hold.compareTo(options.wait) < 0;
      if (!page.messages().isEmpty() || page.missed() || isOver) {
        return page;
      }
      from = from.after(page.next());
    }
  }

  /** For how long the next request is to be held. */
  private Duration hold(long endNanos) {
    Duration left = Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
    return left.compareTo(options.wait) > 0 ? options.wait : left;
  }

  private static String waitParameter(Duration hold, char separator) {
    return hold.toMillis() == 0 ? "" : separator + "wait=" + hold.toMillis() / 1000.0;
  }

  /** A topic's latest value; empty if there is none, or it was deleted. */
  public Optional<Value> latest(String topic) {
    Http.Answer answer = look(topic, null, Duration.ZERO);
    if (answer.status == 404) {
      return Optional.empty();
    }
    return Optional.of(read(answer, 200, found -> value(topic, found)));
  }

  /**
   * Waits until a topic's value is another one than is known.
   *
   * @param known the known value's id; empty if there was none
   * @param wait for how long
   * @return the newest value, which may say that the topic was deleted; empty if nothing changed
   */
  public Optional<Value> awaitChange(String topic, String known, Duration wait) {
    long endNanos = System.nanoTime() + wait.toNanos();
    while (true) {
      Duration hold = hold(endNanos);
      Http.Answer answer = look(topic, known.isEmpty() ? null : known, hold);
      String tag = answer.headers.firstValue("ETag").map(Refusals::id).orElse("");
      if (answer.status == 404 && !tag.isEmpty() && !tag.equals(known) && !known.isEmpty()) {
        return Optional.of(Value.deleted(topic, tag));
      }
      if (answer.status != 404 && answer.status != 304) {
        return Optional.of(read(answer, 200, found -> value(topic, found)));
      }
      if (hold.compareTo(options.wait) < 0) {
        return Optional.empty();
      }
    }
  }

  private Http.Answer look(String topic, @Nullable String known, Duration hold) {
    String path = Paths.topic(topic) + waitParameter(hold, '?');
    return requests.send(
        node -> {
          HttpRequest.Builder request = http.request(node.http(path));
          return known == null ? request : request.header("If-None-Match", "\"" + known + "\"");
        },
        hold);
  }

  private static Value value(String topic, Http.Answer found) throws IOException {
    String tag =
        found
            .headers
            .firstValue("ETag")
            .orElseThrow(() -> new IOException("a value without an ETag"));
    String type = found.headers.firstValue("Content-Type").orElse(null);
    return Value.of(topic, Refusals.id(tag), type, found.body);
  }

  /**
   * Deletes a topic: its readers hear of it, and it has no latest value.
   *
   * @return whether there was something to delete
   */
  public boolean delete(String topic) {
    Http.Answer answer =
        requests.send(node -> http.request(node.http(Paths.topic(topic))).DELETE());
    return read(answer, 204, done -> done.headers.firstValue("ETag").isPresent());
  }

  /** The topics that begin so, in the order of their UTF-8 bytes; asked for page by page. */
  public Stream<TopicEntry> topics(String prefix) {
    Iterator<TopicEntry> pages = new TopicPages(after -> topicPage(prefix, after));
    Iterable<TopicEntry> all = () -> pages;
    return StreamSupport.stream(all.spliterator(), false);
  }

  private TopicPages.Part topicPage(String prefix, @Nullable String after) {
    String path =
        "/v1/topics?prefix="
            + Paths.encode(prefix)
            + "&limit="
            + LIST_LIMIT
            + (after == null ? "" : "&after=" + Paths.encode(after));
    Http.Answer answer = requests.send(node -> http.request(node.http(path)));
    return read(answer, 200, json -> TopicPages.parse(JsonObject.parse(json.body)));
  }

  /**
   * Says that a consumer has dealt with everything up to a place; it never moves back.
   *
   * @param cursor an id, or {@link Subscription#cursor}
   */
  public void acknowledge(String consumer, String cursor) {
    byte[] body = Wire.object(json -> json.writeStringField("ack", cursor));
    Http.Answer answer =
        requests.send(
            node ->
                consumer(node, consumer)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofByteArray(body)));
    read(answer, 204, done -> true);
  }

  /** Where a consumer stands; empty if there is none of that name. */
  public Optional<String> consumer(String name) {
    Http.Answer answer = requests.send(node -> consumer(node, name));
    if (answer.status == 404) {
      return Optional.empty();
    }
    return Optional.of(read(answer, 200, json -> JsonObject.parse(json.body).expect("next")));
  }

  /** Forgets a consumer. */
  public void forget(String consumer) {
    read(requests.send(node -> consumer(node, consumer).DELETE()), 204, done -> true);
  }

  private HttpRequest.Builder consumer(Node node, String name) throws IOException {
    return http.request(node.http("/v1/consumers/" + Paths.encode(name)));
  }

  /** Reads an answer. */
  @FunctionalInterface
  interface Reader<T> {
    T read(Http.Answer answer) throws IOException;
  }

  static <T> T read(Http.Answer answer, int expected, Reader<T> reader) {
    try {
      if (answer.status == expected) {
        return reader.read(answer);
      }
      throw Refusals.refuse(answer);
    } catch (Refusals.UnfitException e) {
      throw Refusals.stranger(e);
    } catch (IOException e) {
      throw new RefusedException("unreadable", String.valueOf(e.getMessage()), null);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the client is closed");
    }
  }

  /** Closes all subscriptions, and ends all threads. What is published concurrently may fail. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (configs != null) {
        configs.close();
      }
    }
    List.copyOf(subscriptions).forEach(Subscription::close);
    http.close();
  }
}
