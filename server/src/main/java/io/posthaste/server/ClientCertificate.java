package io.posthaste.server;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * The certificate by which a client has shown who it is, verified when it connected.
 *
 * @param subject its distinguished name (RFC 2253), such as {@code CN=sensor-7,O=Example}
 * @param fingerprint SHA-256 of it, as {@code openssl x509 -fingerprint -sha256} prints it
 */
public record ClientCertificate(String subject, String fingerprint) {
  /**
   * The common name in it, by which grants are given; empty if it has none, or several, of which
   * nobody could say which one the authority meant.
   */
  public String commonName() {
    try {
      List<Object> names = new ArrayList<>(1);
      for (Rdn part : new LdapName(subject).getRdns()) {
        Attribute inPart = part.toAttributes().get("CN"); // a part may have several attributes
        if (inPart != null) {
          names.addAll(Collections.list(inPart.getAll()));
        }
      }
      return names.size() == 1 && names.get(0) instanceof String name ? name : "";
    } catch (NamingException | RuntimeException e) { // LdapName trips over some that are none
      return "";
    }
  }

  static ClientCertificate of(X509Certificate certificate) throws CertificateEncodingException {
    return new ClientCertificate(
        certificate.getSubjectX500Principal().getName(), TlsIdentity.fingerprint(certificate));
  }
}
