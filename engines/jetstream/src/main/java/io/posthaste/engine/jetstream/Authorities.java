package io.posthaste.engine.jetstream;

import io.posthaste.core.LogException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Whom to believe about who a server is. */
final class Authorities {
  private Authorities() {}

  /**
   * Trusts what is signed by one of the certificates in a file.
   *
   * @param file certificates in PEM
   * @throws LogException if it has none or cannot be read
   */
  static SSLContext trusting(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("authority-" + count++, certificate);
      }
      if (count == 0) {
        throw new LogException(file + " has no certificates (expected: some in PEM)");
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException e) {
      // The kind of it says what a message, which may be the name alone, does not.
      throw new LogException(file + " cannot be read: " + e, e);
    } catch (GeneralSecurityException e) {
      throw new LogException(file + " is no file of certificates in PEM: " + e.getMessage(), e);
    }
  }
}
