package io.posthaste.door.nacos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.posthaste.config.Md5;
import io.posthaste.core.Payload;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The least that answers a client of line 1.x: a map, in memory. For configs of one group. */
final class StubServer implements AutoCloseable {
  private static final long HOLD_MILLIS = 9_500;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer http;
  private final Map<String, String> contents = new HashMap<>(); // this object's monitor
  private boolean closed;

  StubServer() throws IOException {
    // Else what it sends in two parts waits 40 ms for the client's acknowledgement in between.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/nacos/v1/cs/configs", this::config);
    http.createContext("/nacos/v1/cs/configs/listener", this::poll);
    http.start();
  }

  String place() {
    return "127.0.0.1:" + http.getAddress().getPort();
  }

  private void config(HttpExchange exchange) throws IOException {
    if (exchange.getRequestMethod().equals("POST")) {
      Map<String, String> form = form(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      synchronized (this) {
        contents.put(form.get("dataId"), form.get("content"));
        notifyAll();
      }
      answer(exchange, 200, "true");
      return;
    }
    String content;
    synchronized (this) {
      content = contents.get(form(exchange.getRequestURI().getRawQuery()).get("dataId"));
    }
    answer(exchange, content == null ? 404 : 200, content == null ? "none" : content);
  }

  /** Of each entry's fields the first is the config's name, the third the MD5 that is had. */
  private void poll(HttpExchange exchange) throws IOException {
    Map<String, String> form = form(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    String[] entries = form.getOrDefault("Listening-Configs", "").split("\u0001");
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HOLD_MILLIS);
    StringBuilder changed = new StringBuilder();
    synchronized (this) {
      long left = HOLD_MILLIS;
      while (changed.length() == 0 && left > 0 && !closed) {
        for (String entry : entries) {
          String[] fields = entry.split("\u0002", -1);
          String content = contents.get(fields[0]);
          String md5 = content == null ? "" : Md5.of(Payload.of(content)).toString();
          if (!md5.equals(fields[2])) {
            changed.append(fields[0]).append('\u0002').append(fields[1]).append('\u0001');
          }
        }
        if (changed.length() == 0) {
          try {
            wait(left);
          } catch (InterruptedException e) {
            break;
          }
          left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
      }
    }
    answer(exchange, 200, URLEncoder.encode(changed.toString(), UTF_8));
  }

  private static Map<String, String> form(String text) {
    Map<String, String> form = new HashMap<>();
    for (String field : text.split("&")) {
      int at = field.indexOf('=');
      if (at > 0) {
        form.put(field.substring(0, at), URLDecoder.decode(field.substring(at + 1), UTF_8));
      }
    }
    return form;
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    http.stop(1);
    threads.shutdownNow();
  }
}
