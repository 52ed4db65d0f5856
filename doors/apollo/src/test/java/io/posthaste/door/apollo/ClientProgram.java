package io.posthaste.door.apollo;

import com.ctrip.framework.apollo.Config;
import com.ctrip.framework.apollo.ConfigService;
import com.ctrip.framework.apollo.core.enums.ConfigFileFormat;
import com.ctrip.framework.apollo.model.ConfigChange;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * A program with Apollo's own client in it, as it keeps one state for a whole process. It reads
 * commands, a line each, and answers each by a line; what listeners hear are lines in between.
 */
public final class ClientProgram {
  private static final PrintStream OUT = System.out;

  private ClientProgram() {}

  /** Goes on until there are no more commands. */
  public static void main(String[] arguments) throws Exception {
    silence();
    serve(ClientProgram::answer);
  }

  /** Keeps what others print apart from the answers. */
  static void silence() {
    System.setOut(System.err); // the client's own words are not ours
  }

  /** Answers commands, each by a line, until there are no more. */
  static void serve(Function<String[], String> answers) throws IOException {
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      say("answer", answers.apply(line.split(" ")));
    }
    System.exit(0); // the client's threads would go on
  }

  private static String answer(String[] words) {
    switch (words[0]) {
      case "get":
        return config(words[1]).getProperty(words[2], "absent");
      case "source":
        return config(words[1]).getSourceType().toString();
      case "watch":
        config(words[1])
            .addChangeListener(
                event -> {
                  for (String key : event.changedKeys()) {
                    ConfigChange change = event.getChange(key);
                    say(
                        "event",
                        words[1]
                            + " "
                            + key
                            + " "
                            + change.getChangeType()
                            + " "
                            + change.getNewValue());
                  }
                });
        return "watching";
      case "file":
        return String.valueOf(
            ConfigService.getConfigFile(words[1], ConfigFileFormat.fromString(words[2]))
                .getContent());
      case "many":
        for (int i = 0; i < Integer.parseInt(words[2]); i++) {
          config(words[1] + i).getProperty("k", "absent");
        }
        return "got";
      default:
        return "unknown";
    }
  }

  private static Config config(String namespace) {
    return ConfigService.getConfig(namespace);
  }

  /** Says something, as a line of its own. */
  static synchronized void say(String kind, String text) {
    OUT.println(kind + " " + URLEncoder.encode(text, StandardCharsets.UTF_8));
    OUT.flush();
  }
}
