package io.posthaste.app;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Runs a server until it is told to stop. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Serves until it is stopped (Ctrl-C, SIGTERM), which it does in order, within 5 seconds.",
      "Each option can also be set in the environment (--disk-limit: POSTHASTE_DISK_LIMIT; lists are"
          + " split by ;) and in the configuration file (disk-limit: 20g). A flag goes before the"
          + " environment, that before the file; a list is replaced, not added to."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold posthaste serve|@",
      "  @|bold posthaste serve --http 127.0.0.1:9000 --tcp off --keep 'logs/#=count:100000,age:1d'|@",
      "  @|bold posthaste serve --config posthaste.yaml --print-config|@"
    })
final class ServeCommand implements Callable<Integer> {
  private static final long END_MILLIS = 4_800;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "${env:POSTHASTE_CONFIG:-" + Option.NULL_VALUE + "}",
      description = "Read settings from this file too (YAML).")
  private @Nullable Path config;

  @Option(
      names = "--print-config",
      description = "Print all settings and where each comes from, and end.")
  private boolean printConfig;

  @Option(names = "--hints", description = "Print what to try, as on a terminal.")
  private boolean hints;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Adds an option for each {@link Setting}. */
  static void addSettings(CommandSpec spec) {
    for (Setting setting : Setting.all()) {
      OptionSpec.Builder option =
          OptionSpec.builder(setting.flag())
              .paramLabel(setting.label())
              .description(
                  setting.description().replace("%", "%%")
                      + (setting.fallback().isEmpty() || setting.kind() == Setting.Kind.SWITCH
                          ? ""
                          : " Default: " + setting.fallback() + "."));
      switch (setting.kind()) {
        case ONE -> option.type(String.class).arity("1");
        case LIST -> option.type(List.class).auxiliaryTypes(String.class).arity("1");
        case SWITCH -> option.type(String.class).arity("0..1").fallbackValue("true");
      }
      spec.addOption(option.build());
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    Configuration configuration = configuration();
    Settings settings = Settings.of(configuration);
    PrintWriter out = spec.commandLine().getOut();
    if (printConfig) {
      out.print(configuration.print());
      out.flush();
      return 0;
    }
    serve(settings, out, hints || System.console() != null);
    return 0;
  }

  Configuration configuration() {
    Map<Setting, List<String>> flags = new EnumMap<>(Setting.class);
    ParseResult parsed = spec.commandLine().getParseResult();
    for (Setting setting : Setting.all()) {
      if (parsed.hasMatchedOption(setting.flag())) {
        flags.put(
            setting, new ArrayList<>(texts(parsed.matchedOptionValue(setting.flag(), List.of()))));
      }
    }
    return new Configuration(
        flags, System.getenv(), config == null ? Map.of() : ConfigFile.read(config));
  }

  private static List<String> texts(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of(String.valueOf(value));
  }

  private static void serve(Settings settings, PrintWriter out, boolean hints)
      throws InterruptedException {
    Logging.start(settings.logLevel());
    PosthasteServer server = PosthasteServer.start(settings);
    long millis = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server), "shutdown"));
    out.println("ready http=" + place(server.http()) + " in " + millis + " ms");
    if (hints) {
      server.http().ifPresent(http -> out.println(hints(place(Optional.of(http)))));
    }
    out.flush();
    new CountDownLatch(1).await(); // until the JVM is told to end
  }

  private static String place(Optional<InetSocketAddress> address) {
    return address
        .map(a -> new HostPort(a.getAddress().getHostAddress(), a.getPort()).toString())
        .orElse("off");
  }

  private static String hints(String http) {
    return Ansi.AUTO.string(
        """

        Try, in two terminals:
          @|bold curl -N -H 'Accept: text/event-stream' 'http://%1$s/v1/updates?topic=news/%%23&last=10'|@
          @|bold curl -d 'hello' http://%1$s/v1/topics/news/today|@
        and ask for the latest at any time:
          @|bold curl http://%1$s/v1/topics/news/today|@
        """
            .formatted(http));
  }

  /** Ends the server and then the process: with 0, which a signal's own way would not give. */
  private static void end(PosthasteServer server) {
    Thread closing = new Thread(server::close, "closing");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(END_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(closing.isAlive() ? 1 : 0);
  }
}
