package io.posthaste.app;

import io.posthaste.app.demo.Demo;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves with something to see. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Serves as @|bold serve|@ does, with pages to look at and something for them to show: what this machine"
          + " does, once a second, and whatever is piped in, a message a line."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste demo|@",
      "  @|bold vmstat 1 | ./posthaste demo|@",
      "  @|bold ./posthaste demo --http 127.0.0.1:9000 --no-open|@"
    })
final class DemoCommand implements Callable<Integer> {
  @Mixin private ConfigOption config = new ConfigOption();

  @Option(
      names = "--no-open",
      description = "Only print the pages' address, even if there is a desktop to open it on.")
  private boolean noOpen;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    Settings settings = Settings.of(config.read(spec)).alsoKeeping(Demo.KEPT);
    if (settings.http().isEmpty()) {
      throw CommandFailure.misuse("--http off: the demo is a page (expected: HOST:PORT)");
    }
    String scheme = settings.tls().source().isPresent() ? "https://" : "http://";
    ServeCommand.serve(
        settings,
        new Demo(pipedIn(), Clock.systemUTC()),
        spec.commandLine().getOut(),
        (out, place) -> show(out, scheme + place));
    return 0;
  }

  private void show(PrintWriter out, String url) {
    String page = url + "/demo/";
    out.println(
        Ansi.AUTO.string(
            """

            The demo:
              @|bold %1$s|@
            Join in:
              @|bold curl -d 'hello' %2$s/v1/topics/demo/hello|@
            """
                .formatted(page, url)));
    out.flush();
    if (!noOpen) {
      Desktop.open(page);
    }
  }

  /** Standard input, unless it is a terminal: to read from one would stop us in the background. */
  private static @Nullable InputStream pipedIn() {
    return isTerminal() ? null : System.in;
  }

  private static boolean isTerminal() {
    try {
      Path input = Files.readSymbolicLink(Path.of("/proc/self/fd/0"));
      return input.startsWith("/dev/pts") || input.toString().startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null; // not Linux
    }
  }

  /** The programs that open a page where there is a desktop. */
  private static final class Desktop {
    private static final Map<String, List<String>> OPENERS =
        Map.of("Mac", List.of("open"), "Windows", List.of("explorer.exe"));

    static void open(String page) {
      String system = System.getProperty("os.name", "");
      List<String> opener =
          OPENERS.entrySet().stream()
              .filter(entry -> system.startsWith(entry.getKey()))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(isGraphical() ? List.of("xdg-open") : List.of());
      if (opener.isEmpty()) {
        return;
      }
      try {
        new ProcessBuilder(opener.get(0), page)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
      } catch (IOException e) {
        // Nothing to open it with: the address is printed, which is enough.
      }
    }

    private static boolean isGraphical() {
      return System.getenv("DISPLAY") != null || System.getenv("WAYLAND_DISPLAY") != null;
    }
  }
}
