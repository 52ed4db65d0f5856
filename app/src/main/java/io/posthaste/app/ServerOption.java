package io.posthaste.app;

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

  /** The header that shows a key or a token. */
  static @Nullable String bearer(@Nullable String key) {
    return key == null ? null : "Bearer " + key;
  }
}
