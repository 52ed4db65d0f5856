package io.posthaste.app;

import io.posthaste.core.Log;
import io.posthaste.core.LogComparison;
import io.posthaste.core.LogCopy;
import io.posthaste.core.LogException;
import io.posthaste.core.Topic;
import io.posthaste.engine.rocksdb.RocksLog;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Copies one log into another, and checks that all of it is there. */
@Command(
    name = "copy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Copies all messages and consumers of a data directory into another log, checks that all of"
          + " it is there, and ends with 1 if something is not. No server may run on either.",
      "Interrupted, it goes on where it was when it is run again; run again later, it adds what is"
          + " new. What the other log's policies do not keep does not come along and is counted;"
          + " give the same --keep or configuration file as to serve.",
      "The other log has an epoch of its own: readers who come to it with a cursor of before are"
          + " told that they missed something. Consumers go on where they stood."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste copy --from posthaste-data --to /mnt/larger/posthaste-data|@",
      "  @|bold ./posthaste copy --from posthaste-data --to nats://127.0.0.1:4222|@"
    })
final class CopyCommand implements Callable<Integer> {
  /** Those of the settings of {@code serve} that the other log is opened with. */
  static final List<Setting> SETTINGS =
      List.of(Setting.KEEP, Setting.DISK_LIMIT, Setting.NATS_CREDENTIALS, Setting.NATS_CA);

  private static final int DIFFERENCES_NAMED = 20;
  private static final int TOPICS_NAMED = 5;
  private static final long EVERY_NANOS = 1_000_000_000;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DIR",
      description = "The data directory to copy; it stays as it is.")
  private Path from = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR|ENGINE",
      description =
          "What to fill: a data directory, or what serve has as --engine. Empty, or begun by a copy"
              + " of the same directory.")
  private String to = "";

  @Mixin private ConfigOption config = new ConfigOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  private final long began = System.nanoTime();
  private long told = began - EVERY_NANOS;

  @Override
  public Integer call() {
    Settings settings =
        Settings.of(
            config.read(
                spec,
                to.contains("://")
                    ? Map.of(Setting.ENGINE, List.of(to))
                    : Map.of(Setting.ENGINE, List.of("embedded"), Setting.DATA, List.of(to))));
    PrintWriter out = spec.commandLine().getOut();
    try (Log source = RocksLog.openUnchanged(from.toAbsolutePath().normalize());
        Log target = PosthasteServer.log(settings)) {
      LogCopy.LeftOut leftOut = new LogCopy(source, target, p -> tell(p, out)).run();
      leftOut(out, leftOut.memoryMessages(), leftOut.memoryTopics(), "live in memory there");
      leftOut(out, leftOut.largeMessages(), leftOut.largeTopics(), "are too large there");
      say(out, "checking");
      long[] named = {0};
      LogComparison.Result result =
          new LogComparison(source, target, difference -> name(difference, named)).run();
      return sum(out, result);
    } catch (LogException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    }
  }

  private void tell(LogCopy.Progress progress, PrintWriter out) {
    long now = System.nanoTime();
    boolean whole = progress.messages() >= progress.ofMessages();
    if (now - told < EVERY_NANOS && !whole) {
      return;
    }
    told = now;
    double seconds = (now - began) / 1e9;
    double rate = (progress.messages() - progress.earlier()) / seconds;
    long left = Math.round((progress.ofMessages() - progress.messages()) / Math.max(rate, 1));
    say(
        out,
        String.format(
            Locale.ROOT,
            "%,d of %,d messages of %,d topics, %,d of %,d bytes, %,.0f a second%s",
            progress.messages(),
            progress.ofMessages(),
            progress.ofTopics(),
            progress.bytes(),
            progress.ofBytes(),
            rate,
            whole ? "" : ", " + left + " s left"));
  }

  private static void leftOut(PrintWriter out, long messages, Set<Topic> topics, String why) {
    if (messages > 0) {
      String names =
          topics.stream().limit(TOPICS_NAMED).map(Topic::name).collect(Collectors.joining(", "));
      say(
          out,
          String.format(
              Locale.ROOT,
              "left out: %,d messages of %,d topics that %s: %s%s",
              messages,
              topics.size(),
              why,
              names,
              topics.size() > TOPICS_NAMED ? ", …" : ""));
    }
  }

  private void name(LogComparison.Difference difference, long[] named) {
    if (named[0]++ < DIFFERENCES_NAMED) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("differs: " + difference.topic() + ": " + difference.what());
      err.flush();
    }
  }

  private int sum(PrintWriter out, LogComparison.Result result) {
    if (result.notKept() > 0) {
      say(
          out,
          String.format(
              Locale.ROOT,
              "not kept by the policies: %,d older messages of %,d topics",
              result.notKept(),
              result.notKeptOf()));
    }
    if (result.differences() > 0) {
      throw new CommandFailure(
          String.format(
              Locale.ROOT,
              "%,d of %,d topics differ (expected: none; copy again into an empty directory)",
              result.differences(),
              result.topics()));
    }
    say(
        out,
        String.format(
            Locale.ROOT,
            "the same in both: %,d messages of %,d topics, %,d consumers",
            result.messages(),
            result.topics(),
            result.consumers()));
    return 0;
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
