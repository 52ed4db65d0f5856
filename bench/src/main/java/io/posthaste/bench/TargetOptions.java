package io.posthaste.bench;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which server is loaded and how it is spoken to. */
final class TargetOptions {
  @Option(
      names = "--server",
      paramLabel = "NAME",
      defaultValue = "posthaste",
      description = "Whose wire it speaks: posthaste (default) or nchan.")
  String name = "posthaste";

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "A running server on loopback, as http://127.0.0.1:8080. Without it one is started, "
              + "and stopped at the end.")
  @Nullable URI url;

  @Option(
      names = "--pid",
      paramLabel = "PID",
      description =
          "The running server's process: its CPU and memory are read, with its descendants.")
  long pid;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      defaultValue = "${env:POSTHASTE_KEY:-" + Option.NULL_VALUE + "}",
      description =
          "A key that each request shows, to a server that asks who you are; better as"
              + " POSTHASTE_KEY in the environment.")
  @Nullable String key;

  @Option(
      names = "--start",
      paramLabel = "COMMAND",
      description =
          "How a server is started, words split at blanks; {port} and {dir} are filled in.")
  @Nullable String start;

  @Option(
      names = "--ready-path",
      paramLabel = "PATH",
      defaultValue = "/readyz",
      description = "Answered with 2xx once a started server serves (default: /readyz).")
  String readyPath = "/readyz";

  @Option(
      names = "--subscribe-path",
      paramLabel = "PATH",
      description =
          "Another path to subscribe at, for any other server: knows {run}, a number new in each "
              + "run, and {topic}.")
  @Nullable String subscribePath;

  @Option(
      names = "--subscribe-header",
      paramLabel = "'A: b'",
      description = "A header of that request; may be repeated.")
  List<String> subscribeHeaders = new ArrayList<>();

  @Option(
      names = "--next-path",
      paramLabel = "PATH",
      description =
          "With --subscribe-path and --via long-poll: the path after an answer; knows "
              + "{cursor0} too.")
  @Nullable String nextPath;

  @Option(
      names = "--cursor-json",
      paramLabel = "KEY",
      description = "The JSON key of a long poll's answer that holds {cursor0}.")
  @Nullable String cursorJson;

  @Option(
      names = "--cursor-header",
      paramLabel = "ANSWER=REQUEST",
      description =
          "A long poll's answer header that is sent back as a request header, as "
              + "Etag=If-None-Match; may be repeated.")
  List<String> cursorHeaders = new ArrayList<>();

  @Option(
      names = "--publish-path",
      paramLabel = "PATH",
      description = "Another path to POST to; knows {run} and {topic}.")
  @Nullable String publishPath;

  /** The wire, for a server on a port. */
  Target target(String host, int port, Technique technique, boolean manySubscriptions) {
    Target preset =
        switch (name) {
          case "posthaste" ->
              manySubscriptions
                  ? Target.posthasteSubscriptions(host, port)
                  : Target.posthaste(host, port);
          case "nchan" -> Target.nchan(host, port);
          default ->
              throw new IllegalArgumentException(
                  "--server: " + name + " (expected: posthaste or nchan)");
        };
    String at = host + ":" + port;
    Target result = preset;
    if (subscribePath != null) {
      result = result.with(technique, opening(subscribePath, at, technique));
    }
    if (publishPath != null) {
      String head = Target.head("POST", publishPath, at, "Content-Type: text/plain");
      result = new Target(result.name(), result.address(), result.openings(), head);
    }
    return key == null ? result : result.withHeader("Authorization: Bearer " + key);
  }

  private Opening opening(String path, String at, Technique technique) {
    String[] headers = subscribeHeaders.toArray(new String[0]);
    if (technique == Technique.WEBSOCKET) {
      return Opening.stream(Target.webSocket(path, at, headers));
    }
    String first = Target.request("GET", path, at, headers);
    if (technique != Technique.LONG_POLL) {
      return Opening.stream(first);
    }
    List<CursorSource> sources = new ArrayList<>();
    List<String> nextHeaders = new ArrayList<>(subscribeHeaders);
    if (cursorJson != null) {
      sources.add(new CursorSource.Body("\"" + cursorJson + "\":\"", '"'));
    }
    for (String pair : cursorHeaders) {
      int split = pair.indexOf('=');
      if (split < 1) {
        throw new IllegalArgumentException(
            "--cursor-header: " + pair + " (expected: as Etag=If-None-Match)");
      }
      nextHeaders.add(pair.substring(split + 1) + ": {cursor" + sources.size() + "}");
      sources.add(new CursorSource.Header(pair.substring(0, split)));
    }
    String next =
        Target.request(
            "GET", nextPath == null ? path : nextPath, at, nextHeaders.toArray(new String[0]));
    return new Opening(first, next, sources, nextPath == null, null, null);
  }
}
