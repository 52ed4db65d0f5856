package io.posthaste.door.web;

import io.posthaste.core.Log;
import io.posthaste.testkit.DoorContract;
import io.posthaste.testkit.DoorServer;
import io.posthaste.testkit.StreamingDoorContract;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** Each technique keeps the contract of doors. */
final class TechniquesTest {
  static final String SSE = "\nAccept: text/event-stream";
  static final String UPGRADE =
      "\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13"
          + "\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  private static final String NDJSON = "\nAccept: application/x-ndjson";
  private static final String FRAME = "&format=frame&callback=f";

  /** What is wrong whatever the technique. */
  private static Map<String, String> malformed(String target, String headers) {
    Map<String, String> malformed = new LinkedHashMap<>();
    String a = "/v1/updates?topic=a" + target;
    malformed.put("/v1/updates?x" + target + headers, "400");
    malformed.put(a + "&topic=" + headers, "empty");
    malformed.put(a + "&topic=b%23c" + headers, "not a whole segment");
    malformed.put(a + "&topic=%00" + headers, "control character");
    malformed.put(a + "&topic=%ff" + headers, "UTF-8");
    malformed.put(a + "&topic=%2" + headers, "percent-encoding");
    malformed.put(a + "&topic=" + "x".repeat(1025) + headers, "1025 bytes");
    malformed.put(a + "&after=nonsense" + headers, "cursor");
    malformed.put(a + "&after=" + "x".repeat(3000) + headers, "cursor");
    malformed.put(a + "&after=@yesterday" + headers, "RFC 3339");
    malformed.put(a + "&after=a-0.1&after=a-0.1" + headers, "given 2 times");
    malformed.put(a + "&after=a-0.1&last=3" + headers, "contradict");
    malformed.put(a + "&last=0" + headers, "1 to 1000");
    malformed.put(a + "&last=-1" + headers, "whole number");
    malformed.put(a + "&only=some" + headers, "only=latest");
    malformed.put(a + "&consumer=" + headers, "consumer");
    malformed.put(a + "&color=red" + headers, "\\\"color\\\" is not known");
    malformed.put(a + headers + "\nLast-Event-ID: nonsense", "cursor");
    malformed.put("/v1/updates?format=frames&topic=a" + headers, "format");
    return malformed;
  }

  static Map<String, String> ofPolls() {
    Map<String, String> malformed = malformed("", "");
    malformed.put("/v1/updates?topic=a&wait=soon", "seconds");
    malformed.put("/v1/updates?topic=a&limit=0", "1 to 1000");
    malformed.put("/v1/updates?topic=a&limit=1001", "1 to 1000");
    malformed.put("/v1/updates?topic=a&callback=f", "format=frame");
    malformed.put("/v1/updates?topic=a&before=1", "id");
    malformed.put("/v1/updates?topic=a&before=a-0.1&wait=3", "at once");
    return malformed;
  }

  static Map<String, String> ofStreams(String target, String headers) {
    Map<String, String> malformed = malformed(target, headers);
    String a = "/v1/updates?topic=a" + target;
    malformed.put(a + "&wait=3" + headers, "for polls");
    malformed.put(a + "&limit=3" + headers, "for polls");
    malformed.put(a + "&before=a-0.1" + headers, "for polls");
    return malformed;
  }

  @Nested
  final class ShortPoll extends DoorContract {
    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(log, stall, Clients.ALL.get("short poll"));
    }

    @Override
    protected Map<String, String> malformed() {
      return ofPolls();
    }
  }

  @Nested
  final class LongPoll extends DoorContract {
    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(log, stall, Clients.ALL.get("long poll"));
    }

    @Override
    protected Map<String, String> malformed() {
      return ofPolls();
    }
  }

  @Nested
  final class ServerSentEvents extends StreamingDoorContract {
    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(log, stall, Clients.ALL.get("SSE"));
    }

    @Override
    protected Map<String, String> malformed() {
      return ofStreams("", SSE);
    }
  }

  @Nested
  final class Ndjson extends StreamingDoorContract {
    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(log, stall, Clients.ALL.get("ndjson"));
    }

    @Override
    protected Map<String, String> malformed() {
      return ofStreams("", NDJSON);
    }
  }

  @Nested
  final class Iframe extends StreamingDoorContract {
    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(log, stall, Clients.ALL.get("iframe"));
    }

    @Override
    protected Map<String, String> malformed() {
      Map<String, String> malformed = ofStreams(FRAME, "");
      malformed.put("/v1/updates?topic=a&format=frame", "callback: missing");
      malformed.put("/v1/updates?topic=a&format=frame&callback=a(b", "A-Za-z0-9_.");
      malformed.put("/v1/updates?topic=a&format=frame&callback=" + "x".repeat(65), "1 to 64");
      return malformed;
    }
  }

  @Nested
  final class WebSocket extends StreamingDoorContract {
    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(log, stall, Clients.ALL.get("WebSocket"));
    }

    @Override
    protected Map<String, String> malformed() {
      return ofStreams("", UPGRADE);
    }
  }
}
