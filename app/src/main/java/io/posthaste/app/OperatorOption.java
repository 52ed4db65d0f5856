package io.posthaste.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Console;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How a command that says who may what reaches the log: by a server and an administrator's
 * credentials, by the control file of the server that runs on a data directory, or, where none
 * runs, by a server of its own for as long as it takes.
 */
final class OperatorOption {
  /** Those of the settings of {@code serve} that say which log it is about. */
  static final List<Setting> SETTINGS =
      List.of(
          Setting.DATA, Setting.ENGINE, Setting.KEEP, Setting.NATS_CREDENTIALS, Setting.NATS_CA);

  /** A server that only looks must not tidy up: what others keep is not known to it. */
  private static final List<String> KEEP_ALL = List.of("#=count:2000000000,age:forever");

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${env:POSTHASTE_URL:-" + Option.NULL_VALUE + "}",
      description = "A server, for --api-key or --as (default: " + Client.DEFAULT_URL + ").")
  private @Nullable String url;

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      defaultValue = "${env:POSTHASTE_KEY:-" + Option.NULL_VALUE + "}",
      description = "An administrator's key; better as POSTHASTE_KEY in the environment.")
  private @Nullable String key;

  @Option(
      names = "--as",
      paramLabel = "ID",
      description = "An administrator, whose password is asked for.")
  private @Nullable String id;

  @Mixin private TrustOption trust = new TrustOption();
  @Mixin private ConfigOption config = new ConfigOption();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  /** What to do with a server that is shown who asks. */
  @FunctionalInterface
  interface Task {
    void run(Operator operator) throws IOException, InterruptedException;
  }

  /** A server that takes an administrator's orders. */
  record Operator(Client client) {
    /** Asks for something, or orders it. The answer may be empty. */
    JsonNode call(String method, String path, @Nullable ObjectNode body)
        throws IOException, InterruptedException {
      var publisher =
          body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString());
      try (var answer =
          client
              .send(
                  client
                      .request("/v1/access/" + path)
                      .header("Content-Type", "application/json")
                      .method(method, publisher)
                      .build())
              .body()) {
        String text = new String(answer.readAllBytes(), UTF_8);
        return text.isBlank() ? Json.object() : Json.read(text);
      }
    }
  }

  /**
   * Does something.
   *
   * @throws CommandFailure if there is nobody to do it, or who there is refuses
   */
  void run(Task task) {
    String shown = ServerOption.bearer(key);
    if (shown == null && id != null) {
      shown = basic(id);
    }
    if (shown != null) {
      run(
          task,
          Client.of(url == null ? Client.DEFAULT_URL : url, trust.trust())
              .withAuthorization(shown));
      return;
    }
    if (url != null) {
      throw CommandFailure.misuse(
          "--url says where, but not who asks (expected: --api-key or --as too; or neither, to have"
              + " the server on --data do it)");
    }
    Configuration configuration = config.read(command);
    Settings settings = Settings.of(configuration);
    ControlFile running = settings.engine() == Settings.Engine.EMBEDDED ? control(settings) : null;
    if (running == null || !isThere(task, running)) {
      runAlone(task, settings);
    }
  }

  private static @Nullable ControlFile control(Settings settings) {
    try {
      Optional<ControlFile> left = ControlFile.read(settings.data());
      return left.orElse(null);
    } catch (IOException e) {
      throw new CommandFailure(
          settings.data() + " cannot be read: " + Reasons.of(e) + " (expected: to be its owner)");
    }
  }

  /** Has the server that left a control file do it, unless it left it when it was killed. */
  private static boolean isThere(Task task, ControlFile left) {
    Client client = Client.of(left.url()).withAuthorization(ServerOption.bearer(left.secret()));
    try {
      task.run(new Operator(client));
      return true;
    } catch (ConnectException e) {
      return false;
    } catch (IOException e) {
      throw client.unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted");
    }
  }

  private void runAlone(Task task, Settings settings) {
    boolean isEmbedded = settings.engine() == Settings.Engine.EMBEDDED;
    if (settings.engine() == Settings.Engine.MEMORY) {
      throw CommandFailure.misuse(
          "--engine memory is lost with its server (expected: --url and --api-key of one that runs)");
    }
    Map<Setting, List<String>> own = new HashMap<>();
    own.put(Setting.HTTP, List.of("127.0.0.1:0"));
    own.put(Setting.TCP, List.of("off"));
    for (Setting certificate :
        List.of(Setting.TLS_CERT, Setting.TLS_KEY, Setting.TLS_KEYSTORE, Setting.TLS_CLIENT_CA)) {
      own.put(certificate, List.of("none"));
    }
    own.put(Setting.TLS_SELF_SIGNED, List.of("false"));
    if (isEmbedded) {
      own.put(Setting.KEEP, KEEP_ALL);
      own.put(Setting.DISK_LIMIT, List.of("none"));
    }
    Logging.start(Settings.LogLevel.ERROR);
    try (PosthasteServer server = PosthasteServer.start(Settings.of(config.read(command, own)))) {
      ControlFile control = server.control().orElseThrow();
      run(task, Client.of(control.url()).withAuthorization(ServerOption.bearer(control.secret())));
    }
  }

  private static void run(Task task, Client client) {
    try {
      task.run(new Operator(client));
    } catch (IOException e) {
      throw client.unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted");
    }
  }

  private static String basic(String id) {
    String both = id + ":" + password("Password of " + id + ": ");
    return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(UTF_8));
  }

  /** Asks the person at the terminal, without showing what is typed. */
  static String password(String prompt) {
    Console console = System.console();
    char[] typed = console == null ? null : console.readPassword("%s", prompt);
    if (typed == null) {
      throw new CommandFailure("there is no terminal to ask for a password at");
    }
    return new String(typed);
  }
}
