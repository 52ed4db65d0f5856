package io.posthaste.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Examines the machine, and the way to a server. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Examines what Posthaste stands on: open files, memory, disk, JDK; and with --url what lies"
          + " between here and a server: whether streams arrive at once, or are held back by a proxy.",
      "Says what to change. Exit code 1 if there is something."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste doctor --data /var/lib/posthaste|@",
      "  @|bold ./posthaste doctor --url https://push.example.org --patient|@"
    })
final class DoctorCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where messages are or will be kept (default: here).")
  private Path data = Path.of(".");

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "A server, as clients reach it: through its proxies.")
  private @Nullable String url;

  @Option(
      names = "--patient",
      description = "Also find out whether the way is cut when nothing passes for a minute.")
  private boolean patient;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    PathCheck path = url == null ? null : new PathCheck(Client.of(url), patient);
    List<Finding> findings = new ArrayList<>(MachineCheck.of(data));
    print(findings);
    if (path != null) {
      List<Finding> way = path.run();
      print(way);
      findings.addAll(way);
    }
    return findings.stream().allMatch(Finding::isGood) ? 0 : 1;
  }

  private void print(List<Finding> findings) {
    PrintWriter out = spec.commandLine().getOut();
    for (Finding finding : findings) {
      out.println(
          Ansi.AUTO.string(finding.isGood() ? "@|green good  |@ " : "@|yellow change|@ ")
              + finding.what()
              + finding.advice().map(advice -> "\n       " + advice).orElse(""));
    }
    out.flush();
  }
}
