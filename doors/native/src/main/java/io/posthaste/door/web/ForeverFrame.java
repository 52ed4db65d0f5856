package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.Message;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Encoded;
import io.posthaste.server.Outlet;
import io.posthaste.server.Response;
import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A page that never ends, in a hidden iframe: each message is a script element that calls a
 * function. The page grows in the browser's memory, so after some bytes or minutes it is told to
 * load itself anew from its cursor.
 */
final class ForeverFrame implements StreamForm {
  /** Browsers show nothing of a page before they have about so many bytes of it. */
  private static final int PADDING = 2_048;

  /**
   * Each message is a script of the page's own, so that these must be let run; nothing else is, and
   * nothing is loaded. Only a page of this server's origin may stand around it, as browsers let no
   * other be called.
   */
  private static final String CONTENT_POLICY =
      "default-src 'none'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'self'";

  private static final String PADDED =
      "<!doctype html><meta charset=utf-8><title>posthaste</title><!--"
          + " ".repeat(PADDING)
          + "-->\n";

  private final String callback;
  private final List<TopicPattern> topics;
  private final boolean onlyLatest;
  private final long mostBytes;
  private final long endNanos;
  private long bytes;

  ForeverFrame(UpdatesQuery query, String callback, NativeOptions options) {
    this.callback = callback;
    this.topics = query.topics();
    this.onlyLatest = query.onlyLatest();
    this.mostBytes = options.frameBytes();
    this.endNanos = System.nanoTime() + options.frameMillis() * 1_000_000;
  }

  @Override
  public Response head() {
    Map<String, String> headers =
        new LinkedHashMap<>(StreamForm.headers("text/html; charset=utf-8"));
    headers.put("Content-Security-Policy", CONTENT_POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    return Response.of(200, headers, Unpooled.EMPTY_BUFFER);
  }

  @Override
  public ByteBuf opening(ShardForms forms) {
    return forms.text(PADDED);
  }

  @Override
  public ByteBuf place(ShardForms forms, Cursor cursor) {
    return call(forms, "\"next\":\"" + cursor + "\"})</script>\n");
  }

  @Override
  public @Nullable Encoded heartbeat(ShardForms forms) {
    return null;
  }

  private ByteBuf call(ShardForms forms, String rest) {
    return forms.text("<script>" + callback + "({" + rest);
  }

  @Override
  public boolean write(Outlet outlet, ShardForms forms, Message message, @Nullable Cursor cursor) {
    Encoded rest = forms.unit(Form.SCRIPT_REST, message);
    bytes += rest.body().readableBytes();
    return outlet.write(call(forms, cursor == null ? "" : "\"next\":\"" + cursor + "\","), rest);
  }

  @Override
  public ByteBuf missed(ShardForms forms, List<Gap> gaps, Cursor cursor) {
    ByteBuf json = forms.alloc().buffer();
    forms.json().missed(json, gaps, cursor);
    ByteBuf out = call(forms, "");
    MessageJson.scriptSafe(out, json);
    json.release();
    JsonText.ascii(out, "})</script>\n");
    return out;
  }

  @Override
  public boolean isSpent() {
    return bytes > mostBytes || System.nanoTime() - endNanos > 0;
  }

  /** A URL of nothing but a query keeps the path of the page that it stands in. */
  @Override
  public ByteBuf goodbye(ShardForms forms, Cursor cursor, int retryMillis) {
    StringBuilder url = new StringBuilder("?format=frame&callback=").append(callback);
    for (TopicPattern topic : topics) {
      // What encoding leaves alone cannot end a string or an element.
      url.append("&topic=").append(URLEncoder.encode(topic.text(), UTF_8).replace("*", "%2A"));
    }
    url.append(onlyLatest ? "&only=latest" : "").append("&after=").append(cursor);
    return forms.text(
        "<script>setTimeout(function(){location.replace(\""
            + url
            + "\")},"
            + retryMillis
            + ")</script>\n");
  }
}
