package io.posthaste.server;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Heads of HTTP/2, a line a field, name and value split by a tab: what is understood by them, the
 * parser of HTTP/1.1 understands by the same words, so that neither way leads past the rules of the
 * other.
 */
public final class Http2HeadTarget {
  private Http2HeadTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (String line : new String(input, StandardCharsets.ISO_8859_1).split("\n")) {
      int tab = line.indexOf('\t');
      if (tab > 0) {
        headers.add(raw(line.substring(0, tab)), raw(line.substring(tab + 1)));
      }
    }
    RequestHead head;
    try {
      head = Http2Head.of(headers);
    } catch (Refusal refusal) {
      return;
    }
    if (head == null) {
      return;
    }
    String target = head.rawPath + (head.rawQuery.isEmpty() ? "" : "?" + head.rawQuery);
    String text = head.method + " " + target + " HTTP/1.1\r\nHost: " + head.host + "\r\n\r\n";
    RequestHead same = Http1Head.parse(text.getBytes(StandardCharsets.UTF_8));
    List<String> first = List.of(head.method, head.rawPath, head.rawQuery, head.host);
    List<String> second = List.of(same.method, same.rawPath, same.rawQuery, same.host);
    if (!first.equals(second)) {
      throw new AssertionError("HTTP/2: " + first + ", HTTP/1.1: " + second);
    }
  }

  private static AsciiString raw(String text) {
    return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false);
  }
}
