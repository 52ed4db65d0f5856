package io.posthaste.app;

import io.posthaste.app.demo.Demo;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a server until it is told to stop. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Serves until it is stopped (Ctrl-C, SIGTERM), which it does in order, within 5 seconds and"
          + " twice --drain.",
      "Each option can also be set in the environment (--disk-limit: POSTHASTE_DISK_LIMIT; lists are"
          + " split by ;) and in the configuration file (disk-limit: 20g). A flag goes before the"
          + " environment, that before the file; a list is replaced, not added to."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste serve|@",
      "  @|bold ./posthaste serve --http 127.0.0.1:9000 --keep 'logs/#=age:1d'|@",
      "  @|bold ./posthaste serve --config posthaste.yaml --print-config|@"
    })
final class ServeCommand implements Callable<Integer> {
  private static final long END_MILLIS = 4_800;

  @Mixin private ConfigOption config = new ConfigOption();

  @Option(
      names = "--print-config",
      description = "Print all settings and where each comes from, and end.")
  private boolean printConfig;

  @Option(names = "--hints", description = "Print what to try, as on a terminal.")
  private boolean hints;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Adds an option for each {@link Setting}. */
  static void addSettings(CommandSpec spec) {
    addSettings(spec, Setting.all());
  }

  /** Adds an option for each of these. */
  static void addSettings(CommandSpec spec, List<Setting> settings) {
    for (Setting setting : settings) {
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
    Configuration configuration = config.read(spec);
    Settings settings = Settings.of(configuration);
    PrintWriter out = spec.commandLine().getOut();
    if (printConfig) {
      out.print(configuration.print());
      out.flush();
      return 0;
    }
    boolean hinting = hints || System.console() != null;
    serve(
        settings,
        null,
        out,
        (to, place) -> to.print(hinting ? hints(place, settings.tls().source().isPresent()) : ""));
    return 0;
  }

  /**
   * Serves until the process is told to end.
   *
   * @param demo what is served besides the doors, ended before them; null for nothing
   * @param whenReady prints what to try, given the place where HTTP is served
   */
  static void serve(
      Settings settings,
      @Nullable Demo demo,
      PrintWriter out,
      BiConsumer<PrintWriter, String> whenReady)
      throws InterruptedException {
    Logging.start(settings.logLevel());
    PosthasteServer server =
        demo == null
            ? PosthasteServer.start(settings)
            : PosthasteServer.start(settings, demo::start);
    long millis = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> end(server, demo, settings.drain()), "shutdown"));
    server.certificate().ifPresent(certificate -> out.println("tls " + certificate));
    out.println(
        "ready http=%s tcp=%s%s%s in %d ms"
            .formatted(
                place(server.http()),
                place(server.tcp()),
                server.nacos().isPresent() ? " nacos=" + place(server.nacos()) : "",
                server.apollo().isPresent() ? " apollo=" + place(server.apollo()) : "",
                millis));
    server.http().ifPresent(http -> whenReady.accept(out, place(Optional.of(http))));
    out.flush();
    new CountDownLatch(1).await(); // until the JVM is told to end
  }

  private static String place(Optional<InetSocketAddress> address) {
    return address
        .map(a -> new HostPort(a.getAddress().getHostAddress(), a.getPort()).toString())
        .orElse("off");
  }

  private static String hints(String http, boolean isTls) {
    return Ansi.AUTO.string(
        """

        Try, in two terminals:
          @|bold curl -N%2$s -H 'Accept: text/event-stream' '%3$s://%1$s/v1/updates?topic=news/**&last=10'|@
          @|bold curl%2$s -d 'hello' %3$s://%1$s/v1/topics/news/today|@
        and ask for the latest at any time:
          @|bold curl%2$s %3$s://%1$s/v1/topics/news/today|@

        """
            .formatted(http, isTls ? " -k" : "", isTls ? "https" : "http"));
  }

  /** Ends the server and then the process: with 0, which a signal's own way would not give. */
  private static void end(PosthasteServer server, @Nullable Demo demo, Duration drain) {
    if (demo != null) {
      demo.close();
    }
    Thread closing = new Thread(server::close, "closing");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(2 * drain.toMillis() + END_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(closing.isAlive() ? 1 : 0);
  }
}
