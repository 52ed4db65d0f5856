package io.posthaste.client;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The binary protocol, over a plain socket that the subscription's own thread reads: while its
 * callback runs, what comes waits at the server. A callback that takes longer than three heartbeats
 * costs the connection, as nobody answers pings meanwhile, and nothing else.
 */
final class TcpCarrier implements Carrier {
  private static final int REF = 1;

  private final Options options;
  private final Dialer dialer;

  TcpCarrier(Http http, Options options) {
    this.options = options;
    this.dialer = new Dialer(http, options.answerLimit);
  }

  @Override
  public void follow(Node node, Place place, Sink sink) throws IOException, InterruptedException {
    try (Socket socket = dialer.dial(node.tcp(options.tcpPort))) {
      OutputStream out = socket.getOutputStream();
      out.write(hello(options.authorization()));
      out.write(subscribe(place.rest()));
      Conversation conversation = new Conversation(out, sink);
      TcpFrames frames = new TcpFrames(socket.getInputStream(), options.maxAnswerBytes);
      Duration limit = options.answerLimit;
      for (byte[] frame = frames.next(limit, sink);
          frame != null && conversation.take(frame);
          frame = frames.next(limit, sink)) {
        limit = conversation.begun ? options.silenceLimit : options.answerLimit;
      }
    }
  }

  private static byte[] hello(String authorization) {
    Protobuf.Writer hello = new Protobuf.Writer().text(1, "posthaste.v1").text(2, "posthaste-java");
    if (!authorization.isEmpty()) {
      hello.text(4, authorization);
    }
    return new Protobuf.Writer().bytes(2, hello.toBytes()).delimited();
  }

  private static byte[] subscribe(Reading reading) {
    Protobuf.Writer subscribe = new Protobuf.Writer();
    reading.topics().forEach(topic -> subscribe.text(1, topic));
    switch (reading.beginning()) {
      case AFTER:
        subscribe.text(2, reading.from());
        break;
      case LAST:
        subscribe.varint(3, Integer.parseInt(reading.from()));
        break;
      case CONSUMER:
        subscribe.text(4, reading.from());
        break;
      default: // from now on
    }
    if (reading.isOnlyLatest()) {
      subscribe.varint(5, 1);
    }
    return new Protobuf.Writer().varint(1, REF).bytes(3, subscribe.toBytes()).delimited();
  }

  /** What the server says on one connection. */
  static final class Conversation {
    private final OutputStream out;
    private final Sink sink;
    boolean begun;

    Conversation(OutputStream out, Sink sink) {
      this.out = out;
      this.sink = sink;
    }

    /** Takes a frame; whether there may be more. */
    boolean take(byte[] bytes) throws IOException, InterruptedException {
      Protobuf.Reader frame = new Protobuf.Reader(bytes);
      String cursor = "";
      long ref = 0;
      for (int field = frame.next(); field != 0; field = frame.next()) {
        switch (field) {
          case 1:
            ref = frame.number();
            break;
          case 2:
            cursor = frame.text();
            break;
          case 4:
            Message message = message(frame.message());
            sink.message(message, cursor.isEmpty() ? message.id() : cursor);
            break;
          case 5:
            sink.missed(gaps(frame.message()));
            break;
          case 6:
            done(frame.message());
            break;
          case 7:
            throw error(frame.message());
          case 8:
            out.write(new Protobuf.Writer().varint(1, ref).bytes(11, new byte[0]).delimited());
            break;
          case 10:
            goodbye(frame.message());
            return false;
          default: // a welcome, a pong, or what we do not know
        }
      }
      return true;
    }

    private void done(Protobuf.Reader done) throws IOException, InterruptedException {
      for (int field = done.next(); field != 0; field = done.next()) {
        if (field == 1) {
          if (!begun) {
            begun = true;
            sink.works();
          }
          sink.cursor(done.text());
        }
      }
    }

    private void goodbye(Protobuf.Reader goodbye) throws IOException {
      for (int field = goodbye.next(); field != 0; field = goodbye.next()) {
        if (field == 1) {
          sink.comeBackAfter(Refusals.atMost(Duration.ofMillis(goodbye.number() & 0xffff_ffffL)));
        }
      }
    }

    private static RefusedException error(Protobuf.Reader error) throws IOException {
      String name = "failed";
      String detail = "refused";
      String latest = null;
      boolean retry = false;
      boolean closing = false;
      for (int field = error.next(); field != 0; field = error.next()) {
        switch (field) {
          case 2:
            name = error.text();
            break;
          case 3:
            detail = error.text();
            break;
          case 4:
            retry = error.isTrue();
            break;
          case 5:
            latest = error.text();
            break;
          case 6:
            closing = error.isTrue();
            break;
          default: // what we do not know
        }
      }
      if (retry || closing && !name.equals(Refusals.UNAUTHENTICATED)) {
        throw new IOException("the server ended the connection: " + detail);
      }
      return Refusals.refuse(name, detail, latest);
    }
  }

  private static Message message(Protobuf.Reader message) throws IOException {
    String topic = "";
    String id = "";
    long atMillis = 0;
    String type = "";
    Map<String, String> headers = new LinkedHashMap<>();
    byte[] payload = new byte[0];
    boolean deleted = false;
    for (int field = message.next(); field != 0; field = message.next()) {
      switch (field) {
        case 1:
          topic = message.text();
          break;
        case 2:
          id = message.text();
          break;
        case 3:
          atMillis = message.number();
          break;
        case 4:
          type = message.text();
          break;
        case 5:
          List<String> header = texts(message.message());
          headers.put(header.get(0), header.get(1));
          break;
        case 6:
          payload = message.toBytes();
          break;
        case 7:
          deleted = message.isTrue();
          break;
        default: // what we do not know
      }
    }
    Instant at = Instant.ofEpochMilli(atMillis);
    return new Message(topic, id, at, type.isEmpty() ? null : type, headers, payload, deleted);
  }

  private static List<Gap> gaps(Protobuf.Reader missed) throws IOException {
    List<Gap> gaps = new ArrayList<>();
    for (int field = missed.next(); field != 0; field = missed.next()) {
      if (field == 1) {
        List<String> gap = texts(missed.message());
        gaps.add(new Gap(gap.get(0), gap.get(1)));
      }
    }
    return gaps;
  }

  /** The texts in fields 1 and 2, as headers and gaps have them. */
  private static List<String> texts(Protobuf.Reader pair) throws IOException {
    String[] texts = {"", ""};
    for (int field = pair.next(); field != 0; field = pair.next()) {
      if (field <= 2) {
        texts[field - 1] = pair.text();
      }
    }
    return List.of(texts);
  }
}
