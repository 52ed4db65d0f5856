package io.posthaste.door.nacos;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Follower;
import io.posthaste.config.Instance;
import io.posthaste.config.Md5;
import io.posthaste.core.MalformedException;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.nacos.Listening.Entry;
import io.posthaste.door.nacos.wire.Payload;
import io.posthaste.server.BodyListener;
import io.posthaste.server.Exchange;
import io.posthaste.server.Outlet;
import io.posthaste.server.OutletListener;
import io.posthaste.server.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that is connected over gRPC: its stream, on which it is told things, and what it listens
 * to by calls beside. Owned by its shard's thread.
 */
final class GrpcConnection implements OutletListener, BodyListener, Pushes.Way {
  /** Of messages on the stream: introductions and acknowledgements. */
  private static final int MAX_MESSAGE_BYTES = 64 << 10;

  private static final int MAX_LABELS = 64;
  private static final int MAX_LABEL_CHARS = 256;

  /** Clients open a connection for each 3,000 configs, so that none of them comes to this. */
  static final int MOST_WAITS = 20_000;

  /** Clients say something each 5 s; after that long we ask whether they are there. */
  private static final long SILENCE_MILLIS = 20_000;

  private static final Logger LOGGER = LoggerFactory.getLogger(GrpcConnection.class);

  private final GrpcShard shard;
  private final long number;
  private final String address;
  private final GrpcFrames received;
  private final Pushes pushes;
  private final GrpcWaitTable waits = new GrpcWaitTable();
  private final FuzzyWatches fuzzy;
  private final ByteBufAllocator alloc;
  private Session session;
  private Instance instance = Instance.UNKNOWN;
  private @Nullable Follower follower; // once it has introduced itself
  private @Nullable Outlet outlet;
  private long heardMillis = now();
  private boolean isAsked; // whether it is there
  private boolean isEnded;

  GrpcConnection(GrpcShard shard, Exchange exchange, Session nobody) {
    this.shard = shard;
    this.alloc = exchange.alloc();
    this.session = nobody;
    this.number = exchange.connectionNumber();
    this.address = exchange.client().getHostAddress();
    this.received = new GrpcFrames(alloc, MAX_MESSAGE_BYTES);
    this.pushes = new Pushes(shard.shard.wheel(), this);
    this.fuzzy = new FuzzyWatches(this, shard.configs, pushes);
  }

  /** Its stream is open. */
  void open(Outlet outlet) {
    this.outlet = outlet;
    outlet.flush(); // the head: so that it knows
  }

  long number() {
    return number;
  }

  Instance instance() {
    return instance;
  }

  /** The same with a tag; itself if there is none. */
  Instance instance(String tag) {
    if (tag.isEmpty() || tag.equals(instance.labels().get(GrayNames.TAG_LABEL))) {
      return instance;
    }
    TreeMap<String, String> labels = new TreeMap<>(instance.labels());
    labels.put(GrayNames.TAG_LABEL, tag);
    return new Instance(
        instance.id(), address, instance.application(), labels, instance.clientVersion());
  }

  /** It says of itself that it is of a tag. */
  void says(String tag) {
    instance = instance(tag);
  }

  /** What is told of it to whoever asks who has what; only once it has introduced itself. */
  Follower follower() {
    return requireNonNull(follower);
  }

  Session session() {
    return session;
  }

  FuzzyWatches fuzzy() {
    return fuzzy;
  }

  boolean isEnded() {
    return isEnded;
  }

  private static long now() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** It has asked something by a call beside its stream. */
  void heard() {
    heardMillis = now();
    isAsked = false;
  }

  /** Who it has shown to be by that; its listening goes on as that one's. */
  void actsFor(Session session) {
    this.session = session;
  }

  // ---- what it sends on its stream ----

  @Override
  public void onBytes(ByteBuf bytes) {
    if (isEnded) {
      return;
    }
    try {
      received.add(bytes, this::onMessage);
    } catch (GrpcException e) {
      end(e.status());
    } catch (MalformedException e) {
      end(GrpcStatus.invalid(String.valueOf(e.getMessage())));
    }
  }

  private void onMessage(Payload payload) {
    if (isEnded) {
      return;
    }
    heard();
    GrpcMessage message = GrpcMessage.of(payload);
    if (message.type().equals("ConnectionSetupRequest")) {
      setUp(message.json());
    } else {
      pushes.acknowledged(GrpcMessage.text(message.json(), "requestId"));
    }
  }

  private void setUp(JsonNode json) {
    if (follower != null) {
      throw new MalformedException("ConnectionSetupRequest: a second one (expected: one)");
    }
    TreeMap<String, String> labels = new TreeMap<>();
    JsonNode given = json.path("labels");
    if (given.size() > MAX_LABELS) {
      throw new MalformedException("labels: too many (expected: at most " + MAX_LABELS + ")");
    }
    given.fieldNames().forEachRemaining(name -> label(labels, name, GrpcMessage.text(given, name)));
    String application = labels.getOrDefault("AppName", "");
    instance =
        new Instance(
            "",
            address,
            application.equals("unknown") ? "" : application,
            labels,
            GrpcMessage.text(json, "clientVersion", MAX_LABEL_CHARS));
    follower = shard.configs.audience().join(instance, PollHandler.DOOR);
    shard.add(this);
    if (json.path("abilityTable").isObject()) {
      ObjectNode ack = Answers.JSON.createObjectNode();
      ack.putObject("abilityTable").put("fuzzyWatch", true);
      send("SetupAckRequest", ack.put("requestId", "setup"));
    }
  }

  private static void label(TreeMap<String, String> labels, String name, String value) {
    if (name.length() > MAX_LABEL_CHARS || value.length() > MAX_LABEL_CHARS) {
      throw new MalformedException(
          "labels: a text too long (expected: at most " + MAX_LABEL_CHARS + " characters)");
    }
    // What an application says of itself its client marks so.
    labels.put(name.startsWith("app_") ? name.substring("app_".length()) : name, value);
  }

  @Override
  public void onEnd() {
    end(GrpcStatus.OK);
  }

  // ---- what it listens to ----

  /**
   * Registers what it listens to, before anything of that is compared.
   *
   * @return whether there is room for all
   */
  boolean listen(List<Entry> entries) {
    List<Entry> more = entries.stream().filter(each -> waits.get(each.key()) == null).toList();
    if (waits.size() + more.size() > MOST_WAITS || !shard.waits.hasRoom(more, Entry::key)) {
      return false;
    }
    for (Entry entry : entries) {
      GrpcWait wait = waits.get(entry.key());
      if (wait == null) {
        wait = new GrpcWait(this, entry.spelling(), entry.md5());
        shard.waits.add(entry.key(), wait);
        waits.add(wait);
      } else {
        pushes.forget(wait); // it is told by the answer
      }
      Md5 known = shard.configs.md5(entry.key());
      wait.md5 = Objects.equals(known, entry.md5()) ? known : entry.md5();
      wait.spelling = entry.spelling();
      follower().listens(entry.key(), entry.md5());
    }
    return true;
  }

  void leave(List<Entry> entries) {
    for (Entry entry : entries) {
      GrpcWait wait = waits.remove(entry.key());
      if (wait != null) {
        pushes.forget(wait);
        shard.waits.remove(wait);
        follower().leaves(entry.key());
      }
    }
  }

  /** Whether it sees another version than it has said it has. */
  boolean hasOther(GrpcWait wait) {
    return !Objects.equals(wait.md5, shard.configs.md5(wait.key(), instance));
  }

  /** Has it told that a config has changed. */
  void tell(GrpcWait wait) {
    if (isEnded || waits.get(wait.key()) != wait) {
      return;
    }
    if (session.mayRead(wait.key().topic())) {
      pushes.tell(wait);
    } else {
      forbid(wait.key());
    }
  }

  private void forbid(ConfigKey key) {
    end(
        session.isSuspended()
            ? GrpcStatus.unavailable("who may what cannot be known now (expected: a retry)")
            : GrpcStatus.denied("read on \"" + key.topic() + "\" is no longer granted"));
  }

  void watches() {
    shard.watches(this);
  }

  void watched(List<ConfigKey> changed) {
    if (!isEnded) {
      fuzzy.changed(changed);
    }
  }

  // ---- what it is sent ----

  @Override
  public boolean hasRoom() {
    Outlet open = outlet;
    return !isEnded && open != null && open.isWritable();
  }

  @Override
  public void send(String type, ObjectNode json) {
    Outlet open = outlet;
    if (open != null && !isEnded) {
      open.write(GrpcFrames.encode(alloc, GrpcMessage.payload(type, json)));
      open.flush();
    }
  }

  @Override
  public void giveUp() {
    LOGGER.debug("client acknowledges nothing address={}", address);
    end(GrpcStatus.unavailable("what you were told was not acknowledged"));
  }

  /** Ends the stream, and with it all that this client listens to. */
  void end(GrpcStatus status) {
    Outlet open = outlet;
    if (!isEnded && open != null) {
      open.end(status.trailers());
    }
    close();
  }

  private void close() {
    if (!isEnded) {
      isEnded = true;
      pushes.end();
      fuzzy.end();
      received.release();
      shard.remove(this);
      waits.forEach(shard.waits::remove);
      waits.clear();
      if (follower != null) {
        follower.gone();
      }
    }
  }

  @Override
  public void onWritable() {
    pushes.tellOwed();
  }

  @Override
  public void onHeartbeat() {
    if (now() - heardMillis < SILENCE_MILLIS) {
      return;
    }
    if (isAsked) {
      end(GrpcStatus.unavailable("nothing was heard of you"));
    } else {
      isAsked = true;
      send("ClientDetectionRequest", Answers.JSON.createObjectNode().put("requestId", "detection"));
    }
  }

  @Override
  public void onShutdown(int retryMillis) {
    send(
        "ConnectResetRequest",
        Answers.JSON.createObjectNode().put("requestId", "reset").put("connectionId", number));
    end(GrpcStatus.unavailable("the server is going down"));
  }

  @Override
  public void onAccessChanged() {
    List<ConfigKey> forbidden = new ArrayList<>();
    waits.forEach(
        wait -> {
          if (!session.mayRead(wait.key().topic())) {
            forbidden.add(wait.key());
          }
        });
    if (!forbidden.isEmpty()) {
      forbid(forbidden.get(0));
    }
  }

  @Override
  public Use use() {
    List<TopicPattern> topics = new ArrayList<>(waits.size());
    waits.forEach(wait -> topics.add(TopicPattern.of(wait.key().topic())));
    return new Use("nacos", topics, List.of());
  }

  @Override
  public void onClosed() {
    close();
  }
}
