package io.posthaste.app;

import io.posthaste.server.Tls;
import io.posthaste.server.TlsSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How ports speak TLS.
 *
 * @param source where the server's key and certificate come from; empty for no TLS
 * @param check how clients' certificates are checked; empty to ask for none
 */
record TlsSettings(Optional<TlsSource> source, Optional<Tls.ClientCheck> check) {
  /** What was said, one value a setting. */
  record Given(
      Optional<Path> certificate,
      Optional<Path> key,
      Optional<Path> keystore,
      String password,
      boolean selfSigned,
      Optional<Path> clientAuthorities,
      Tls.Clients clients) {}

  /**
   * Puts together what belongs together.
   *
   * @param names what a certificate of our own is to be made for
   * @throws CommandFailure if one thing lacks another, or there are two of one
   */
  static TlsSettings of(Given given, List<String> names, Map<String, String> environment) {
    long ways =
        (given.certificate().isPresent() || given.key().isPresent() ? 1 : 0)
            + (given.keystore().isPresent() ? 1 : 0)
            + (given.selfSigned() ? 1 : 0);
    if (ways > 1) {
      throw CommandFailure.misuse(
          "several certificates (expected: --tls-cert with --tls-key, or --tls-keystore, or"
              + " --tls-self-signed)");
    }
    if (given.certificate().isPresent() != given.key().isPresent()) {
      throw CommandFailure.misuse(
          given.key().isPresent()
              ? "--tls-key without its certificate (expected: --tls-cert FILE too)"
              : "--tls-cert without its key (expected: --tls-key FILE too)");
    }
    if (given.clientAuthorities().isPresent() && ways == 0) {
      throw CommandFailure.misuse(
          "--tls-client-ca without TLS (expected: --tls-cert and --tls-key too)");
    }
    Optional<Tls.ClientCheck> check =
        given.clientAuthorities().map(file -> new Tls.ClientCheck(file, given.clients()));
    if (given.certificate().isPresent() && given.key().isPresent()) {
      TlsSource pem = new TlsSource.Pem(given.certificate().get(), given.key().get());
      return new TlsSettings(Optional.of(pem), check);
    }
    if (given.keystore().isPresent()) {
      String password = password(given.password(), environment);
      return new TlsSettings(
          Optional.of(new TlsSource.Pkcs12(given.keystore().get(), password)), check);
    }
    return new TlsSettings(
        given.selfSigned() ? Optional.of(new TlsSource.SelfSigned(names)) : Optional.empty(),
        check);
  }

  private static String password(String place, Map<String, String> environment) {
    if (place.startsWith("env:")) {
      String value = environment.get(place.substring(4));
      if (value == null) {
        throw CommandFailure.misuse(
            "--tls-password " + place + ": not in the environment (expected: a variable that is)");
      }
      return value;
    }
    if (place.startsWith("file:")) {
      Path file = Path.of(place.substring(5));
      try {
        return Files.readString(file).lines().findFirst().orElse("");
      } catch (IOException e) {
        throw new CommandFailure(
            "--tls-password " + place + ": " + Reasons.of(e) + " (expected: a file to be read)");
      }
    }
    return "";
  }

  /** What a password's place looks like, checked. */
  static String passwordPlace(String text) {
    if (text.equals("none") || text.matches("(file|env):.+")) {
      return text;
    }
    throw new IllegalArgumentException(
        "file:FILE or env:VARIABLE: a password on the command line could be seen by others");
  }
}
