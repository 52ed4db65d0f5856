package io.posthaste.server;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes a key and a certificate that vouches for itself: a new one at each start, kept nowhere. */
final class SelfSignedIdentity {
  private static final Duration BACK = Duration.ofHours(1); // for clocks that are behind ours
  private static final Duration VALID = Duration.ofDays(90);

  private SelfSignedIdentity() {}

  static TlsIdentity make(List<String> names) throws TlsException {
    try {
      SecureRandom random = new SecureRandom();
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      X500Name name = new X500Name("CN=posthaste (self-signed)");
      Instant now = Instant.now();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
                  name,
                  new BigInteger(127, random).setBit(0),
                  Date.from(now.minus(BACK)),
                  Date.from(now.plus(VALID)),
                  name,
                  pair.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
              .addExtension(Extension.subjectAlternativeName, false, alternatives(names));
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
      return new TlsIdentity(pair.getPrivate(), List.of(certificate));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new TlsException("a certificate cannot be made: " + e.getMessage(), e);
    }
  }

  private static GeneralNames alternatives(List<String> names) {
    List<GeneralName> all = new ArrayList<>();
    all.add(new GeneralName(GeneralName.dNSName, "localhost"));
    all.add(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    all.add(new GeneralName(GeneralName.iPAddress, "::1"));
    for (String each : names) {
      String plain = each.replaceAll("[\\[\\]]", "");
      boolean isAddress = plain.contains(":") || plain.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
      all.add(new GeneralName(isAddress ? GeneralName.iPAddress : GeneralName.dNSName, plain));
    }
    return new GeneralNames(all.toArray(new GeneralName[0]));
  }
}
