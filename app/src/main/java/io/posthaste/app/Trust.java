package io.posthaste.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which servers' certificates a command believes.
 *
 * @param authorities a file in PEM, by one of which they are signed; null for those that the JDK
 *     knows
 * @param anybody whether every certificate is believed, whoever shows it
 */
record Trust(@Nullable Path authorities, boolean anybody) {
  /** What the JDK believes. */
  static final Trust USUAL = new Trust(null, false);

  /**
   * For connections that are made with it.
   *
   * @throws CommandFailure if the file holds no certificates
   */
  SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new CommandFailure("TLS cannot be set up: " + e.getMessage());
    }
  }

  private TrustManager @Nullable [] managers() throws GeneralSecurityException {
    if (anybody) {
      return new TrustManager[] {new Anybody()};
    }
    if (authorities == null) {
      return null;
    }
    KeyStore believed = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(authorities)) {
      believed.load(null, null);
      int count = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        believed.setCertificateEntry(Integer.toString(count++), each);
      }
      if (count == 0) {
        throw none(authorities);
      }
    } catch (GeneralSecurityException e) {
      throw none(authorities);
    } catch (IOException e) {
      throw CommandFailure.misuse("--cacert " + authorities + ": " + Reasons.of(e));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(believed);
    return factory.getTrustManagers();
  }

  private static CommandFailure none(Path file) {
    return CommandFailure.misuse(
        "--cacert " + file + ": no certificate in it (expected: PEM, as --tls-cert has it)");
  }

  /** Believes everybody, and minds no names: what the one who says so wants. */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
