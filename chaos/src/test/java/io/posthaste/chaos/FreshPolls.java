package io.posthaste.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Seen;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Polls, each over a connection of its own, which a balancer brings to another node. */
final class FreshPolls implements DoorClient {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String url;
  private final Deque<Seen> seen = new ArrayDeque<>();
  private String cursor;

  /**
   * @param wait for how many seconds a poll is held; 0 for short polls
   */
  FreshPolls(InetSocketAddress server, Want want, int wait) {
    StringBuilder query = new StringBuilder();
    for (String topic : want.topics()) {
      String inUrl = topic.endsWith("#") ? topic.replace("#", "**") : topic;
      query.append("topic=").append(URLEncoder.encode(inUrl, UTF_8)).append('&');
    }
    url =
        "http://%s:%d/v1/updates?%swait=%d&after="
            .formatted(server.getHostString(), server.getPort(), query, wait);
    cursor = want.after();
  }

  @Override
  public Seen next(Duration limit) throws IOException {
    if (seen.isEmpty()) {
      poll(limit);
    }
    return seen.remove();
  }

  private void poll(Duration limit) throws IOException {
    var connection = (HttpURLConnection) URI.create(url + cursor).toURL().openConnection();
    connection.setConnectTimeout((int) limit.toMillis());
    connection.setReadTimeout((int) limit.toMillis() + 5_000);
    connection.setRequestProperty("Connection", "close");
    try (InputStream body = connection.getInputStream()) {
      JsonNode page = JSON.readTree(body);
      if (page.get("missed").booleanValue()) {
        seen.add(Seen.missed());
      }
      for (JsonNode message : page.get("messages")) {
        String id = message.get("id").textValue();
        seen.add(
            Seen.message(message.get("topic").textValue(), message.get("data").textValue(), id));
      }
      cursor = page.get("next").textValue();
      seen.add(Seen.place(cursor));
    } catch (SocketTimeoutException e) {
      throw new AssertionError("no answer", e);
    } finally {
      connection.disconnect();
    }
  }

  @Override
  public void close() {
    // Each poll closed its own connection.
  }
}
