package io.posthaste.app;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose certificates a command believes. */
final class TrustOption {
  @Option(
      names = "--cacert",
      paramLabel = "FILE",
      description = "Believe a server whose certificate is signed by one of these, in PEM.")
  private @Nullable Path authorities;

  @Option(
      names = {"-k", "--insecure"},
      description = "Believe whatever certificate a server shows: to try things out.")
  private boolean anybody;

  Trust trust() {
    return new Trust(authorities, anybody);
  }
}
