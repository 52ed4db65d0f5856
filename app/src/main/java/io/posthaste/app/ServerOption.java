package io.posthaste.app;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which server a command talks to. */
final class ServerOption {
  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${env:POSTHASTE_URL:-" + Client.DEFAULT_URL + "}",
      description = "The server (default: ${DEFAULT-VALUE}; or POSTHASTE_URL in the environment).")
  private String url = Client.DEFAULT_URL;

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      defaultValue = "${env:POSTHASTE_KEY:-" + Option.NULL_VALUE + "}",
      description =
          "A key or a token that shows who you are; better as POSTHASTE_KEY in the environment,"
              + " where lists of processes do not show it.")
  private @Nullable String key;

  @Mixin private TrustOption trust = new TrustOption();

  Client client() {
    return Client.of(url, trust.trust()).withAuthorization(bearer(key));
  }

  /** As {@link #client}, for a technique. */
  Client client(Technique technique) {
    return technique == Technique.TCP
        ? Client.ofTcp(url, trust.trust()).withAuthorization(bearer(key))
        : client();
  }

  /** What is asked of a server. */
  @FunctionalInterface
  interface Asking {
    void ask(Client client) throws IOException, InterruptedException;
  }

  /**
   * Asks the server.
   *
   * @return whether that came to its end; not if it was interrupted
   * @throws CommandFailure if the server cannot be reached
   */
  boolean ask(Asking asking) {
    Client client = client();
    try {
      asking.ask(client);
      return true;
    } catch (IOException e) {
      throw client.unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The header that shows a key or a token. */
  static @Nullable String bearer(@Nullable String key) {
    return key == null ? null : "Bearer " + key;
  }
}
