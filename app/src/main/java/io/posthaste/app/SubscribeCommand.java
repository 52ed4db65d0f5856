package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.MalformedException;
import io.posthaste.core.TopicPattern;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Shows messages as they come, over any technique. */
@Command(
    name = "subscribe",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the messages of topics as they come: time, topic, payload, and how long it was on its way.",
      "When the connection is lost it goes on by its cursor, without gap or repetition. Ctrl-C ends it."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste subscribe news/today|@",
      "  @|bold ./posthaste subscribe 'news/#' weather --via long-poll --last 10|@",
      "  @|bold ./posthaste subscribe config/app --last 1 --exec 'cat > app.json'|@"
    })
final class SubscribeCommand implements Callable<Integer>, Feed.Listener {
  @Parameters(
      arity = "1..*",
      paramLabel = "TOPIC",
      description = "A topic, or a pattern: + for any one segment, # at the end for any rest.")
  private List<String> topics = List.of();

  @Option(
      names = "--via",
      paramLabel = "TECHNIQUE",
      defaultValue = "sse",
      converter = TechniqueConverter.class,
      description =
          "How to wait: poll, long-poll, sse, ndjson, ws, tcp (default: ${DEFAULT-VALUE}). For tcp,"
              + " --url is tcp://HOST:PORT, or the HTTP address and port 7080 is meant.")
  private Technique via = Technique.SSE;

  @Option(
      names = "--after",
      paramLabel = "CURSOR",
      description = "Begin after this place; 0: with the oldest kept; @TIME: with that time.")
  private @Nullable String after;

  @Option(names = "--last", paramLabel = "N", description = "Begin with the newest N.")
  private @Nullable Integer last;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "End after so many messages (default: never).")
  private long count = Long.MAX_VALUE;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = TimeConverter.class,
      description = "Between two short polls (default: ${DEFAULT-VALUE}).")
  private Duration interval = Duration.ofSeconds(1);

  @Option(
      names = "--exec",
      paramLabel = "COMMAND",
      description =
          "Run this with sh for each message, one after the other: the payload on its input,"
              + " POSTHASTE_TOPIC and POSTHASTE_ID in its environment.")
  private @Nullable String exec;

  @Option(names = "--json", description = "Print each message as a line of JSON.")
  private boolean json;

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  private final Backoff backoff =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), RandomGenerator.getDefault());
  private long seen;
  private boolean lost;

  /** Ends the subscription from within. */
  private static final class Enough extends RuntimeException {
    Enough() {
      super(null, null, false, false);
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    check();
    Client client = server.client(via);
    Feed feed = via.feed(client, interval);
    Place place = new Place(topics, after, last);
    try {
      while (true) {
        try {
          feed.follow(place, this);
          trouble("the connection was ended");
        } catch (Client.Refusal e) {
          if (!e.isPassing()) {
            throw client.unreachable(e);
          }
          trouble(String.valueOf(e.getMessage()));
        } catch (IOException e) {
          if (place.cursor() == null && backoff.failures() == 0 && !lost) {
            throw client.unreachable(e); // never been there: rather a wrong address than a failure
          }
          trouble(Reasons.of(e));
        }
        Thread.sleep(backoff.next().toMillis());
      }
    } catch (Enough e) {
      return 0;
    }
  }

  private void check() {
    try {
      topics.forEach(TopicPattern::new);
    } catch (MalformedException e) {
      throw CommandFailure.misuse(String.valueOf(e.getMessage()));
    }
    if (after != null && last != null) {
      throw CommandFailure.misuse("--after and --last (expected: one of them)");
    }
    if (last != null && (last < 1 || last > 1_000)) {
      throw CommandFailure.misuse("--last " + last + " (expected: 1 to 1000)");
    }
    if (count < 1) {
      throw CommandFailure.misuse("--count " + count + " (expected: 1 or more)");
    }
  }

  private void trouble(String what) {
    if (!lost) {
      note("connection lost: " + what + "; trying again");
      lost = true;
    }
  }

  @Override
  public void onConnected() {
    if (lost) {
      note("connected again");
      lost = false;
    }
    backoff.reset();
  }

  @Override
  public void onMissed(JsonNode gaps) {
    List<String> which = new ArrayList<>();
    gaps.forEach(gap -> which.add(gap.path("topic").asText()));
    note("missed: messages that are no longer kept, of " + String.join(", ", which));
  }

  @Override
  public void onUpdate(Update update) throws InterruptedException {
    if (exec != null) {
      execute(exec, update);
    }
    if (json) {
      ObjectNode line = update.json().deepCopy();
      line.remove("op");
      print(Json.write(line.put("latencyMillis", update.latency().toMillis())));
    } else if (exec == null) {
      print(line(update));
    }
    if (++seen >= count) {
      throw new Enough();
    }
  }

  private String line(Update update) {
    String payload = update.deleted() ? "(deleted)" : printable(update.text());
    return Style.FAINT.of(update.at())
        + "  "
        + Style.TOPIC.of(printable(update.topic()))
        + "  "
        + payload
        + "  "
        + Style.FAINT.of("(" + update.latency().toMillis() + " ms)");
  }

  /** What a terminal cannot be told by others: control characters are shown, not obeyed. */
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.stripTrailing()
        .codePoints()
        .forEach(
            c -> {
              if (c == '\n') {
                printable.append("\\n");
              } else if (Character.isISOControl(c) && c != '\t') {
                printable.append(String.format("\\u%04x", c));
              } else {
                printable.appendCodePoint(c);
              }
            });
    return printable.toString();
  }

  private void execute(String command, Update update) throws InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("POSTHASTE_TOPIC", update.topic());
    builder.environment().put("POSTHASTE_ID", update.id());
    try {
      Process process = builder.start();
      try (var stdin = process.getOutputStream()) {
        stdin.write(update.payload());
      } catch (IOException e) {
        // It need not read what it is given.
      }
      int code = process.waitFor();
      if (code != 0) {
        note("--exec ended with " + code + " for " + update.id());
      }
    } catch (IOException e) {
      throw new CommandFailure("--exec: " + Reasons.of(e));
    }
  }

  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
    if (out.checkError()) {
      throw new Enough(); // nobody reads us any more: head, or a closed pipe
    }
  }

  private void note(String text) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(Style.WARNING.of(text));
    err.flush();
  }

  private static final class TechniqueConverter implements ITypeConverter<Technique> {
    @Override
    public Technique convert(String text) {
      for (Technique technique : Technique.values()) {
        if (technique.toString().equals(text)) {
          return technique;
        }
      }
      throw new TypeConversionException(text + " (expected: " + List.of(Technique.values()) + ")");
    }
  }

  private static final class TimeConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        return Settings.time(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(text + " (expected: " + e.getMessage() + ")");
      }
    }
  }
}
