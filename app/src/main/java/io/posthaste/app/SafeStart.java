package io.posthaste.app;

import java.nio.file.Files;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Nobody is served by accident: a server of which nobody is known listens on loopback only, unless
 * it is told that whoever reaches it may do everything.
 */
final class SafeStart {
  private static final Logger LOGGER = LoggerFactory.getLogger(SafeStart.class);

  private SafeStart() {}

  /** As {@link #check}, where it is plain without the log that nobody is known. */
  static void checkBeforeOpening(Settings settings) {
    boolean isNew =
        settings.engine() == Settings.Engine.MEMORY
            || settings.engine() == Settings.Engine.EMBEDDED
                && !Files.exists(settings.data().resolve("FORMAT"));
    if (isNew && !settings.insecure()) {
      check(settings, false);
    }
  }

  /**
   * Refuses to be open to other machines.
   *
   * @param isSetUp whether anybody is known, so that others may nothing
   * @throws CommandFailure with the two commands of which either would make it right
   */
  static void check(Settings settings, boolean isSetUp) {
    if (isSetUp) {
      return;
    }
    Optional<HostPort> open =
        Stream.of(settings.http(), settings.tcp(), settings.nacos(), settings.apollo().place())
            .flatMap(Optional::stream)
            .filter(place -> !place.isLoopback())
            .findFirst();
    if (open.isEmpty()) {
      return;
    }
    if (!settings.insecure()) {
      throw CommandFailure.misuse(
          open.get()
              + " can be reached from other machines, and nobody is known yet who may use this"
              + " server (expected: ./posthaste user add NAME first; or --insecure, if whoever"
              + " reaches it may read and publish everything)");
    }
    LOGGER.warn(
        "insecure: whoever reaches this server may read and publish everything address={}",
        open.get());
  }
}
