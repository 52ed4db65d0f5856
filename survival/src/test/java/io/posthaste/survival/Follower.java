package io.posthaste.survival;

import io.netty.channel.EventLoopGroup;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.tcp.TcpClientOptions;
import io.posthaste.door.tcp.TcpListener;
import io.posthaste.door.tcp.TcpMessage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One connection that follows a topic by one technique, without a thread of its own. */
final class Follower {
  /** The ways to follow. */
  enum Way {
    LONG_POLL,
    EVENTS,
    LINES,
    FRAME,
    WEB_SOCKET,
    TCP
  }

  private static final Pattern DATA = Pattern.compile("\"data\":(\\d+)");
  private static final Pattern NEXT = Pattern.compile("\"next\":\"([^\"]+)\"");

  /** Where to, and by what. */
  record Net(ServerProcess server, HttpClient http, EventLoopGroup loops) {
    String address() {
      return "127.0.0.1:" + server.address().getPort();
    }
  }

  private final Net net;
  private final String topic;
  private final String key;
  private final Consumer<Long> heard;
  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private final CompletableFuture<String> end = new CompletableFuture<>();
  private volatile Runnable leaving = () -> {};

  private Follower(Net net, String topic, String key, Consumer<Long> heard) {
    this.net = net;
    this.topic = topic;
    this.key = key;
    this.heard = heard;
  }

  /**
   * Begins to follow.
   *
   * @param key the header that says who follows
   * @param heard is told each message's number, by some thread, one at a time
   */
  static Follower of(Way way, Net net, String topic, String key, Consumer<Long> heard) {
    Follower it = new Follower(net, topic, key, heard);
    switch (way) {
      case LONG_POLL -> it.poll("");
      case EVENTS -> it.stream("", "text/event-stream");
      case LINES -> it.stream("", "application/x-ndjson");
      case FRAME -> it.stream("&format=frame&callback=f", "*/*");
      case WEB_SOCKET -> it.webSocket();
      case TCP -> it.tcp();
    }
    return it;
  }

  /** Completes when it is followed from now on; never if that was refused. */
  CompletableFuture<Void> begun() {
    return begun;
  }

  /** How it ended, or was refused. */
  CompletableFuture<String> end() {
    return end;
  }

  /** Ends it from this side. */
  void leave() {
    end.complete("left");
    leaving.run();
  }

  private HttpRequest.Builder request(String query) {
    return HttpRequest.newBuilder(URI.create("http://" + net.address() + "/v1/updates?" + query))
        .header("Authorization", key);
  }

  private void take(String text) {
    Matcher data = DATA.matcher(text);
    while (data.find()) {
      heard.accept(Long.parseLong(data.group(1)));
    }
  }

  /** The first poll is short: it tells from where on. */
  private void poll(String after) {
    String query = "topic=" + topic + (after.isEmpty() ? "" : "&wait=20&after=" + after);
    CompletableFuture<HttpResponse<String>> asked =
        net.http.sendAsync(request(query).build(), BodyHandlers.ofString());
    leaving = () -> asked.cancel(true);
    asked.whenComplete(
        (answer, failure) -> {
          if (failure != null || answer.statusCode() != 200) {
            end.complete(failure == null ? answer.statusCode() + "" : failure.toString());
            return;
          }
          take(answer.body());
          Matcher next = NEXT.matcher(answer.body());
          if (!next.find() || end.isDone()) {
            end.complete("no next in " + answer.body());
            return;
          }
          begun.complete(null);
          poll(next.group(1));
        });
  }

  private void stream(String more, String accept) {
    CompletableFuture<HttpResponse<Void>> asked =
        net.http.sendAsync(
            request("topic=" + topic + more).header("Accept", accept).build(),
            info ->
                info.statusCode() == 200
                    ? HttpResponse.BodySubscribers.fromLineSubscriber(new Lines())
                    : HttpResponse.BodySubscribers.replacing(null));
    leaving = () -> asked.cancel(true);
    asked.whenComplete(
        (answer, failure) ->
            end.complete(failure == null ? answer.statusCode() + "" : failure.toString()));
  }

  /** Takes lines as they come. */
  private final class Lines implements Flow.Subscriber<String> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      Runnable before = leaving;
      leaving =
          () -> {
            subscription.cancel();
            before.run();
          };
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
      take(line);
      if (line.startsWith("id: ") || line.contains("\"next\":")) {
        begun.complete(null);
      }
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(failure.toString());
    }

    @Override
    public void onComplete() {
      end.complete("200");
    }
  }

  private void webSocket() {
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          private final StringBuilder parts = new StringBuilder();

          @Override
          public @Nullable CompletionStage<?> onText(
              WebSocket socket, CharSequence text, boolean last) {
            parts.append(text);
            if (last) {
              String frame = parts.toString();
              parts.setLength(0);
              take(frame);
              if (frame.contains("\"op\":\"error\"")) {
                end.complete(frame);
                socket.abort();
              }
              begun.complete(null);
            }
            socket.request(1);
            return null;
          }

          @Override
          public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            end.complete("closed by " + code);
            return null;
          }

          @Override
          public void onError(WebSocket socket, Throwable failure) {
            end.complete(failure.toString());
          }
        };
    URI uri = URI.create("ws://" + net.address() + "/v1/updates?topic=" + topic);
    net.http
        .newWebSocketBuilder()
        .header("Authorization", key)
        .buildAsync(uri, listener)
        .whenComplete(
            (socket, failure) -> {
              if (failure != null) {
                end.complete(failure.toString());
                return;
              }
              leaving = socket::abort;
              if (end.isDone()) {
                socket.abort();
              }
            });
  }

  private void tcp() {
    TcpClient.connect(
            net.server.tcpAddress(), TcpClientOptions.DEFAULT.on(net.loops).withAuthorization(key))
        .whenComplete(
            (client, failure) -> {
              if (failure != null) {
                end.complete(failure.toString());
                return;
              }
              leaving = client::close;
              end.thenRun(client::close);
              client.subscribe(
                  new Subscription(List.of(new TopicPattern(topic)), Start.NOW, false),
                  new TcpListener() {
                    @Override
                    public void onMessage(TcpMessage message) {
                      take("\"data\":" + message.payload().utf8());
                    }

                    @Override
                    public void onPlace(String cursor) {
                      begun.complete(null);
                    }

                    @Override
                    public void onEnded(Throwable reason) {
                      end.complete(reason.toString());
                    }
                  });
            });
  }
}
