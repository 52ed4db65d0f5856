package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Access;
import io.posthaste.access.Credential;
import io.posthaste.access.Proved;
import io.posthaste.access.Session;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.Hub;
import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.Presence;
import io.posthaste.core.Shard;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicClaims;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Authorship;
import io.posthaste.server.Beginning;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.Joining;
import io.posthaste.server.OwnPresences;
import io.posthaste.server.Problem;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Use;
import io.posthaste.server.WebSocket;
import io.posthaste.server.WebSocketListener;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket: many readers, publications and acknowledgements over one connection. A client's
 * mistake is answered and the connection lives.
 */
final class SocketConnection implements WebSocketListener {
  static final String SUBPROTOCOL = "posthaste.v1.json";
  private static final int MAX_REF_CHARS = 64;
  private static final int PLACES_A_HEARTBEAT = 64;
  private static final int TRY_AGAIN_LATER = 1013; // RFC 6455, the registry of 11.7
  private static final int UNAUTHENTICATED = 4401; // 4000 and above are an application's own
  private static final Set<String> SUBSCRIBE =
      Set.of("op", "ref", "topic", "topics", "after", "last", "only", "consumer");
  private static final Set<String> PUBLISH =
      Set.of("op", "ref", "topic", "data", "type", "encoding", "headers", "key", "match");
  private static final Set<String> ACK = Set.of("op", "ref", "consumer", "id");
  private static final Set<String> JOIN = Set.of("op", "ref", "presence", "as", "device");
  private static final Set<String> AUTH = Set.of("op", "ref", "token");
  private static final Set<String> ONLY_REF = Set.of("op", "ref");

  private final Hub hub;
  private final Shard shard;
  private final Guard guard;
  private final ShardForms forms;
  private final NativeOptions options;
  private final TopicClaims claims;
  private final Map<Object, SocketReader> readers = new LinkedHashMap<>(2);
  private final List<SocketReader> waiting = new ArrayList<>(0);
  private final OwnPresences presences;
  private final InetAddress client;
  private final @Nullable InetAddress knownClient; // null if that is a proxy that does not tell
  private Session session;
  private @Nullable UpdatesQuery first;
  private @Nullable WebSocket socket; // null before it is open and after it has closed
  private boolean flushes;
  private int publishes;
  private int publishBytes;

  private SocketConnection(
      Hub hub,
      Shard shard,
      ShardForms forms,
      NativeOptions options,
      Presence presence,
      Guard guard,
      Session session,
      InetAddress client,
      @Nullable InetAddress knownClient,
      UpdatesQuery first) {
    this.guard = guard;
    this.session = session;
    this.client = client;
    this.knownClient = knownClient;
    this.presences = new OwnPresences(presence, Technique.SOCKET.door());
    this.hub = hub;
    this.shard = shard;
    this.forms = forms;
    this.options = options;
    this.claims = new TopicClaims(options.topicsPerSocket());
    this.first = first.topics().isEmpty() && first.joining() == null ? null : first;
  }

  static void begin(
      Exchange exchange,
      Session session,
      ShardForms forms,
      Hub hub,
      NativeOptions options,
      Presence presence,
      Guard guard,
      UpdatesQuery query) {
    boolean offered = false;
    for (String offer : exchange.request().headers("sec-websocket-protocol")) {
      for (String name : offer.split(",")) {
        offered |= name.trim().equals(SUBPROTOCOL);
      }
    }
    exchange.webSocket(
        offered ? SUBPROTOCOL : null,
        new SocketConnection(
            hub,
            exchange.shard(),
            forms,
            options,
            presence,
            guard,
            session,
            exchange.client(),
            exchange.knownClient(),
            query));
  }

  @Override
  public void onOpen(WebSocket socket) {
    this.socket = socket;
    UpdatesQuery query = first;
    first = null;
    if (query != null && query.joining() != null) {
      join(null, query.joining());
    }
    if (query != null && !query.topics().isEmpty()) {
      subscribe(null, query.subscription(session));
    }
  }

  @Override
  public void onText(ByteBuf text) {
    String ref = null;
    try {
      JsonFields fields = JsonFields.parse("frame", ByteBufUtil.getBytes(text));
      ref = ref(fields);
      run(fields, ref);
    } catch (MalformedException e) {
      sendError(ref, Refusal.malformed(String.valueOf(e.getMessage())));
      flushSoon();
    }
  }

  private void run(JsonFields fields, @Nullable String ref) {
    String op = fields.required("op");
    switch (op) {
      case "subscribe" -> {
        fields.only(SUBSCRIBE);
        subscribe(ref, subscription(fields));
      }
      case "unsubscribe" -> {
        fields.only(ONLY_REF);
        unsubscribe(ref);
      }
      case "publish" -> {
        fields.only(PUBLISH);
        publish(ref, Publication.of(fields));
      }
      case "ack" -> {
        fields.only(ACK);
        ack(ref, fields.required("consumer"), Cursor.parse(fields.required("id")));
      }
      case "join" -> {
        fields.only(JOIN);
        Joining joining =
            Joining.of(fields.required("presence"), fields.required("as"), fields.string("device"));
        if (joining != null && join(ref, joining)) {
          sendDone(ref, null);
        }
      }
      case "leave" -> {
        fields.only(ONLY_REF);
        leave(ref);
      }
      case "auth" -> {
        fields.only(AUTH);
        authenticate(ref, Credential.ofToken(fields.required("token")));
      }
      case "ping" -> {
        fields.only(ONLY_REF);
        pong(ref);
      }
      default ->
          sendError(
              ref,
              Refusal.withCode(
                  "unknownOp",
                  "op: not known (expected: subscribe, unsubscribe, publish, ack, join, leave, auth"
                      + " or ping)"));
    }
    flushSoon();
  }

  private static @Nullable String ref(JsonFields fields) {
    String ref = fields.has("ref") ? fields.spelt("ref") : null;
    if (ref != null && (fields.scalar("ref") == null || ref.length() > MAX_REF_CHARS)) {
      throw new MalformedException(
          "ref: too long (expected: a number or a string of " + MAX_REF_CHARS + " characters)");
    }
    return ref;
  }

  private Subscription subscription(JsonFields fields) {
    List<String> topics = new ArrayList<>(fields.strings("topics", Subscription.MAX_TOPICS));
    String topic = fields.string("topic");
    if (topic != null) {
      topics.add(topic);
    }
    List<TopicPattern> patterns = topics.stream().map(TopicPattern::ofUrl).toList();
    String only = fields.string("only");
    if (only != null && !only.equals("latest")) {
      throw new MalformedException("only: not known (expected: \"latest\")");
    }
    return session.own(new Subscription(patterns, start(fields), only != null));
  }

  private static Start start(JsonFields fields) {
    String after = fields.scalar("after");
    String last = fields.scalar("last");
    String consumer = fields.string("consumer");
    int given = (after == null ? 0 : 1) + (last == null ? 0 : 1) + (consumer == null ? 0 : 1);
    if (given > 1) {
      throw new MalformedException(
          "after, last and consumer contradict each other (expected: one of them)");
    }
    if (after != null) {
      return Beginning.after(after);
    }
    if (consumer != null) {
      return new Start.Consumer(consumer);
    }
    if (last == null) {
      return Start.NOW;
    }
    try {
      return new Start.Last(Integer.parseInt(last));
    } catch (NumberFormatException e) {
      throw new MalformedException("last: not a number (expected: 1 to " + Start.Last.MAX + ")");
    }
  }

  /** From now on the one who sends is the one that a token proves. */
  private void authenticate(@Nullable String ref, Credential shown) {
    Access access = guard.access();
    if (access == null || !access.isSetUp()) {
      sendDone(ref, null);
      return;
    }
    OnShard.then(
        shard,
        access.prove(shown, knownClient),
        proved -> {
          WebSocket open = socket;
          if (open == null) {
            return;
          }
          if (proved instanceof Proved.Admitted admitted) {
            if (!open.countFor(admitted.session())) {
              sendError(ref, Refusal.of(Guard.tooManyConnections(admitted.session())));
              flushSoon();
              return;
            }
            session = admitted.session();
            sendDone(ref, null);
            onAccessChanged();
          } else {
            Problem why = Guard.problem(proved);
            sendError(ref, Refusal.of(why));
          }
          flushSoon();
        },
        refusal -> {
          sendError(ref, refusal);
          flushSoon();
        });
  }

  private boolean mayRead(@Nullable String ref, List<TopicPattern> topics) {
    TopicPattern unreadable = session.firstUnreadable(topics);
    if (unreadable != null) {
      sendError(ref, Refusal.unreadable(session, unreadable));
    }
    return unreadable == null;
  }

  private void subscribe(@Nullable String ref, Subscription what) {
    if (!mayRead(ref, what.topics())) {
      return;
    }
    if (readers.size() == options.readersPerSocket()) {
      sendError(
          ref,
          Refusal.withCode(
              "tooManyReaders",
              "this connection has "
                  + readers.size()
                  + " readers (expected: at most "
                  + options.readersPerSocket()
                  + ")"));
      return;
    }
    if (ref != null && readers.containsKey(ref)) {
      sendError(ref, Refusal.withCode("refTaken", "ref: a reader has it (expected: another)"));
      return;
    }
    String taken = claims.claim(what.topics());
    if (taken != null) {
      sendError(
          ref,
          Refusal.withCode(
              "topicTaken",
              "topics: another reader of this connection has \""
                  + taken
                  + "\" (expected: a topic in one reader only)"));
      return;
    }
    SocketReader reader = new SocketReader(this, ref, what.topics());
    readers.put(reader.key(), reader);
    reader.reads(shard.subscribe(what, reader));
  }

  private void unsubscribe(@Nullable String ref) {
    SocketReader reader = ref == null ? null : readers.get(ref);
    if (reader == null) {
      sendError(
          ref, Refusal.withCode("unknownRef", "ref: no reader has it (expected: a subscribe's)"));
      return;
    }
    reader.close();
    forget(reader);
    sendDone(ref, null);
  }

  private boolean join(@Nullable String ref, Joining joining) {
    if (!session.mayPublish(joining.topic())) {
      sendError(ref, Refusal.unpublishable(session, joining.topic()));
      return false;
    }
    OwnPresences.Joined joined;
    try {
      joined = presences.join(ref == null ? "" : ref, joining);
    } catch (MalformedException e) {
      sendError(ref, Refusal.malformed(String.valueOf(e.getMessage())));
      return false;
    }
    switch (joined) {
      case JOINED -> {}
      case TAKEN ->
          sendError(
              ref, Refusal.withCode("refTaken", "ref: a presence has it (expected: another)"));
      case TOO_MANY ->
          sendError(
              ref,
              Refusal.withCode(
                  "tooManyPresences",
                  "this connection has "
                      + OwnPresences.MOST
                      + " presences (expected: at most as many)"));
      case BUSY -> sendError(ref, Refusal.tooManyPresences());
    }
    return joined == OwnPresences.Joined.JOINED;
  }

  private void leave(@Nullable String ref) {
    if (presences.leave(ref == null ? "" : ref)) {
      sendDone(ref, null);
    } else {
      sendError(
          ref, Refusal.withCode("unknownRef", "ref: no presence has it (expected: a join's)"));
    }
  }

  private void forget(SocketReader reader) {
    readers.remove(reader.key());
    claims.release(reader.topics());
  }

  private void publish(@Nullable String ref, Append append) {
    if (append.topic().isReserved()) {
      sendError(ref, Refusal.reserved(append.topic().name()));
      return;
    }
    if (!session.mayPublish(append.topic())) {
      sendError(ref, Refusal.unpublishable(session, append.topic()));
      return;
    }
    int bytes = append.payload().length();
    if (publishes == options.publishesPerSocket()
        || publishes > 0 && publishBytes + bytes > options.publishBytesPerSocket()) {
      sendError(
          ref,
          Refusal.busy(
              publishes
                  + " publications of this connection are under way (expected: wait for"
                  + " their answers first)"));
      return;
    }
    Duration wait = options.publishRate().take(session, client, 1);
    if (!wait.isZero()) {
      sendError(ref, Refusal.tooFast(wait));
      WebSocket from = socket;
      if (from != null) {
        from.pause(PublishRate.PAUSE_MILLIS);
      }
      return;
    }
    publishes++;
    publishBytes += bytes;
    OnShard.then(
        shard,
        hub.publish(Authorship.of(append, session, client)),
        outcome -> {
          published(bytes);
          if (outcome instanceof Appended.Stored stored) {
            sendStored(ref, append, stored);
          } else {
            refuse(ref, outcome);
          }
          flushSoon();
        },
        refusal -> {
          published(bytes);
          sendError(ref, refusal);
          flushSoon();
        });
  }

  private void published(int bytes) {
    publishes--;
    publishBytes -= bytes;
  }

  private void ack(@Nullable String ref, String consumer, Cursor upTo) {
    if (session.grants().isEmpty()) {
      sendError(ref, Refusal.forbidden(session, "a consumer"));
      return;
    }
    OnShard.then(
        shard,
        hub.ack(session.consumer(consumer), upTo),
        outcome -> {
          if (outcome instanceof Appended.Stored) {
            sendDone(ref, null);
          } else {
            refuse(ref, outcome);
          }
          flushSoon();
        },
        refusal -> {
          sendError(ref, refusal);
          flushSoon();
        });
  }

  private void pong(@Nullable String ref) {
    WebSocket to = socket;
    if (to != null && ref == null) {
      to.write(forms.pong());
    } else if (to != null) {
      ByteBuf out = begin("pong", ref);
      to.write(out.writeByte('}'));
    }
  }

  /**
   * Sends a message.
   *
   * @param cursor null if it is the message's id
   */
  boolean sendMessage(Message message, @Nullable Cursor cursor) {
    WebSocket to = socket;
    if (to == null) {
      return false;
    }
    if (cursor == null) {
      return to.write(forms.unit(Form.FRAME, message));
    }
    return to.write(
        forms.text("{\"op\":\"message\",\"next\":\"" + cursor + "\","),
        forms.unit(Form.FRAME_REST, message));
  }

  /** Tells where a reader stands. */
  void sendPlace(@Nullable String ref, Cursor cursor) {
    sendDone(ref, cursor);
  }

  private void sendDone(@Nullable String ref, @Nullable Cursor next) {
    WebSocket to = socket;
    if (to == null) {
      return;
    }
    ByteBuf out = begin("done", ref);
    if (next != null) {
      ascii(out, ",\"next\":");
      JsonText.cursor(out, next);
    }
    to.write(out.writeByte('}'));
  }

  private void sendStored(@Nullable String ref, Append append, Appended.Stored stored) {
    WebSocket to = socket;
    if (to == null) {
      return;
    }
    ByteBuf out = begin("done", ref);
    Publication.writeStored(out.writeByte(','), append.topic(), stored);
    to.write(out.writeByte('}'));
  }

  /** Tells what a reader missed. */
  void sendMissed(@Nullable String ref, List<Gap> gaps, Cursor cursor) {
    WebSocket to = socket;
    if (to == null) {
      return;
    }
    ByteBuf out = begin("missed", ref).writeByte(',');
    forms.json().missed(out, gaps, cursor);
    to.write(out.writeByte('}'));
  }

  private void refuse(@Nullable String ref, Appended outcome) {
    Refusal refusal = Refusal.of(outcome);
    sendError(ref, refusal == null ? Refusal.failed() : refusal);
  }

  private void sendError(@Nullable String ref, Refusal refusal) {
    WebSocket to = socket;
    if (to == null) {
      return;
    }
    ByteBuf out = begin("error", ref);
    ascii(out, ",\"code\":");
    JsonText.string(out, refusal.code());
    ascii(out, ",\"message\":");
    JsonText.string(out, refusal.detail());
    if (refusal.latest() != null) {
      ascii(out, ",\"latest\":");
      JsonText.id(out, refusal.latest());
    }
    to.write(out.writeByte('}'));
  }

  private ByteBuf begin(String op, @Nullable String ref) {
    ByteBuf out = forms.alloc().buffer(128);
    ascii(out, "{\"op\":\"" + op + '"');
    if (ref != null) {
      ascii(out, ",\"ref\":");
      out.writeCharSequence(ref, UTF_8);
    }
    return out;
  }

  /** The reader's log could not be read; the reader is closed. */
  void readerFailed(SocketReader reader, LogException failure) {
    forget(reader);
    OnShard.sayNowAndThen(failure);
    sendError(reader.ref(), Refusal.of(failure));
    flushSoon();
  }

  /** The reader is to be resumed when there is room in the socket. */
  void waitsForRoom(SocketReader reader) {
    waiting.add(reader);
  }

  /** One of the readers has been given what there was. */
  void batchEnded() {
    WebSocket to = socket;
    if (to != null && readers.size() == 1) {
      to.flush();
    } else {
      flushSoon();
    }
  }

  /** Flushes when the loop has done what it is doing: many readers, one system call. */
  void flushSoon() {
    if (flushes || socket == null) {
      return;
    }
    flushes = true;
    shard
        .loop()
        .execute(
            () -> {
              flushes = false;
              WebSocket to = socket;
              if (to != null) {
                to.flush();
              }
            });
  }

  @Override
  public void onWritable() {
    List<SocketReader> resumed = List.copyOf(waiting);
    waiting.clear();
    resumed.forEach(SocketReader::resume);
  }

  @Override
  public void onHeartbeat() {
    WebSocket to = socket;
    if (to != null && !session.isProved() && session.grants().isEmpty()) {
      socket = null;
      to.close(UNAUTHENTICATED, "no credentials came (expected: {\"op\":\"auth\"} soon)");
      return;
    }
    if (to == null || !to.isWritable()) {
      return;
    }
    if (!tellPlaces()) {
      to.write(forms.pong());
    }
    to.flush();
  }

  /** Tells where some readers stand; they go to the end of the row, so that others follow. */
  private boolean tellPlaces() {
    List<SocketReader> told = new ArrayList<>(0);
    for (SocketReader reader : readers.values()) {
      Cursor place = reader.untold();
      if (place != null) {
        sendPlace(reader.ref(), place);
        told.add(reader);
        if (told.size() == PLACES_A_HEARTBEAT) {
          break;
        }
      }
    }
    for (SocketReader reader : told) {
      readers.remove(reader.key());
      readers.put(reader.key(), reader);
    }
    return !told.isEmpty();
  }

  @Override
  public void onShutdown(int retryMillis) {
    WebSocket to = socket;
    if (to != null) {
      closeReaders();
      socket = null;
      to.close(1012, "the server restarts; come back in " + retryMillis + " ms");
    }
  }

  /** Whoever has lost a grant loses what rests on it; whose proof has ended, all. */
  @Override
  public void onAccessChanged() {
    WebSocket to = socket;
    if (to == null) {
      return;
    }
    if (session.isOver()) {
      Refusal why = Refusal.forbidden(session, "all");
      sendError(null, why);
      closeReaders();
      socket = null;
      to.close(why.status() == 503 ? TRY_AGAIN_LATER : UNAUTHENTICATED, why.code());
      return;
    }
    for (SocketReader reader : List.copyOf(readers.values())) {
      if (session.firstUnreadable(reader.topics()) != null) {
        reader.close();
        waiting.remove(reader);
        forget(reader);
        mayRead(reader.ref(), reader.topics());
        flushSoon();
      }
    }
    presences
        .leaveUnless(session::mayPublish)
        .forEach(
            (ref, topic) -> {
              String named = ref.equals("") ? null : (String) ref;
              sendError(named, Refusal.unpublishable(session, topic));
              flushSoon();
            });
  }

  @Override
  public Use use() {
    List<TopicPattern> topics = new ArrayList<>();
    readers.values().forEach(reader -> topics.addAll(reader.topics()));
    return new Use(Technique.SOCKET.door(), topics, presences.all());
  }

  @Override
  public void onClosed() {
    socket = null;
    closeReaders();
  }

  private void closeReaders() {
    readers.values().forEach(SocketReader::close);
    readers.clear();
    waiting.clear();
    presences.end();
  }
}
