package io.posthaste.app;

import picocli.CommandLine.Option;

/** Which server a command talks to. */
final class ServerOption {
  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${env:POSTHASTE_URL:-" + Client.DEFAULT_URL + "}",
      description = "The server (default: ${DEFAULT-VALUE}; or POSTHASTE_URL in the environment).")
  private String url = Client.DEFAULT_URL;

  Client client() {
    return Client.of(url);
  }

  /** As {@link #client}, for a technique. */
  Client client(Technique technique) {
    return technique == Technique.TCP ? Client.ofTcp(url) : Client.of(url);
  }
}
