package io.posthaste.app;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
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
      names = "--cacert",
      paramLabel = "FILE",
      description = "Believe a server whose certificate is signed by one of these, in PEM.")
  private @Nullable Path authorities;

  @Option(
      names = {"-k", "--insecure"},
      description = "Believe whatever certificate a server shows: to try things out.")
  private boolean anybody;

  Client client() {
    return Client.of(url, trust());
  }

  /** As {@link #client}, for a technique. */
  Client client(Technique technique) {
    return technique == Technique.TCP ? Client.ofTcp(url, trust()) : client();
  }

  private Trust trust() {
    return new Trust(authorities, anybody);
  }
}
