package io.posthaste.server;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;

/**
 * The certificate by which a client has shown who it is, verified when it connected.
 *
 * @param subject its distinguished name (RFC 2253), such as {@code CN=sensor-7,O=Example}
 * @param fingerprint SHA-256 of it, as {@code openssl x509 -fingerprint -sha256} prints it
 */
public record ClientCertificate(String subject, String fingerprint) {
  static ClientCertificate of(X509Certificate certificate) throws CertificateEncodingException {
    return new ClientCertificate(
        certificate.getSubjectX500Principal().getName(), TlsIdentity.fingerprint(certificate));
  }
}
