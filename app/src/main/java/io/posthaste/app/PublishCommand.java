package io.posthaste.app;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes one message, or one for each line. */
@Command(
    name = "publish",
    mixinStandardHelpOptions = true,
    description = {
      "Publishes a message, or with --lines one for each line of the input.",
      "Trouble on the way is retried, which is harmless: each message has a key by which the server"
          + " knows it again."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold echo hello | ./posthaste publish news/today|@",
      "  @|bold ./posthaste publish config/app app.json --type application/json|@",
      "  @|bold tail -f app.log | ./posthaste publish logs/app --lines|@"
    })
final class PublishCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "TOPIC", description = "Where to publish.")
  private String topic = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "What to publish; - or nothing: what comes in.")
  private @Nullable String file;

  @Option(names = "--lines", description = "Publish each line as a message of its own.")
  private boolean lines;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "The content type (default: by the file's name, else text/plain); with application/json"
              + " readers see JSON.")
  private @Nullable String type;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "Know it by this key: publishing again with it does nothing (default: a random one); with"
              + " --lines each line's number is added.")
  private @Nullable String key;

  @Option(
      names = "--if-match",
      paramLabel = "ID",
      description = "Publish only if this is still the topic's latest message; * for none at all.")
  private @Nullable String ifMatch;

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    try {
      new Topic(topic);
    } catch (MalformedException e) {
      throw CommandFailure.misuse(String.valueOf(e.getMessage()));
    }
    if (lines && ifMatch != null) {
      throw CommandFailure.misuse("--if-match is for one message (expected: not with --lines)");
    }
    checkHeader("--type", type);
    checkHeader("--if-match", ifMatch);
    if (!lines) {
      checkHeader("--key", key);
    }
    return lines ? publishLines() : publishOne();
  }

  private static void checkHeader(String option, @Nullable String value) {
    if (value != null && !value.matches("[ -~]*")) {
      throw CommandFailure.misuse(option + " " + value + " (expected: printable ASCII)");
    }
  }

  private int publishOne() throws InterruptedException {
    Client client = server.client();
    HttpRequest.Builder request =
        client
            .request(Client.topicPath(topic))
            .header("Content-Type", contentType())
            .header("Idempotency-Key", key());
    if (ifMatch != null && ifMatch.equals("*")) {
      request.header("If-None-Match", "*");
    } else if (ifMatch != null) {
      request.header("If-Match", ifMatch.startsWith("\"") ? ifMatch : "\"" + ifMatch + "\"");
    }
    byte[] payload;
    try (InputStream in = input()) {
      payload = in.readAllBytes();
    } catch (IOException e) {
      throw unreadable(e);
    }
    HttpRequest post = request.POST(HttpRequest.BodyPublishers.ofByteArray(payload)).build();
    String id =
        Retries.ofPublishing(client, spec.commandLine().getErr())
            .call(() -> client.json(post).path("id").asText());
    spec.commandLine().getOut().println(id);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private int publishLines() throws InterruptedException {
    Client client = server.client();
    LinePublisher publisher =
        new LinePublisher(client, topic, contentType(), key(), spec.commandLine().getErr());
    try (InputStream in = input()) {
      LinePublisher.Outcome outcome = publisher.publish(in);
      spec.commandLine()
          .getErr()
          .printf(
              "%,d published%s in %.1f s%n",
              outcome.published(),
              outcome.refused() == 0 ? "" : String.format(", %,d refused", outcome.refused()),
              outcome.took().toMillis() / 1000.0);
      spec.commandLine().getErr().flush();
      return outcome.refused() == 0 ? 0 : 1;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private CommandFailure unreadable(IOException e) {
    String why = (file == null ? "input" : file) + ": " + Reasons.of(e);
    return e instanceof NoSuchFileException
        ? CommandFailure.misuse(
            why
                + " (expected: a file; text itself comes in: echo TEXT | ./posthaste publish TOPIC)")
        : new CommandFailure(why);
  }

  private InputStream input() throws IOException {
    return file == null || file.equals("-") ? System.in : Files.newInputStream(Path.of(file));
  }

  private String key() {
    return key == null ? UUID.randomUUID().toString() : key;
  }

  private String contentType() throws CommandFailure {
    if (type != null) {
      return type;
    }
    try {
      String guess = file == null || lines ? null : Files.probeContentType(Path.of(file));
      return guess == null ? "text/plain" : guess;
    } catch (IOException e) {
      return "text/plain";
    }
  }
}
