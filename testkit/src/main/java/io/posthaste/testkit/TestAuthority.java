package io.posthaste.testkit;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Signs certificates for tests of TLS. Each authority is a new one. */
public final class TestAuthority {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final KeyPair pair = newPair();
  private final X509Certificate certificate;
  private long serial = 1;

  /** An authority that nobody believes yet. */
  public TestAuthority() {
    certificate = sign(pair, "CN=Test authority", Duration.ofDays(1), true);
  }

  /** A key, and the certificate of it that this authority signed. */
  public record Issued(KeyPair pair, X509Certificate certificate) {
    /** Writes both in PEM. */
    public void write(Path certificateFile, Path keyFile) throws IOException {
      writePem(certificateFile, certificate);
      writePem(keyFile, new JcaPKCS8Generator(pair.getPrivate(), null));
    }

    /** Writes both into one file, in PKCS#12. */
    public void writePkcs12(Path file, String password) throws IOException {
      try (var out = Files.newOutputStream(file)) {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
            "it", pair.getPrivate(), password.toCharArray(), new Certificate[] {certificate});
        store.store(out, password.toCharArray());
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** A certificate of a server on this machine, or of a client. */
  public Issued issue(String name) {
    return issue(name, Duration.ofDays(1));
  }

  /**
   * A certificate for a name.
   *
   * @param validFor from now; negative for one that has expired
   */
  public Issued issue(String name, Duration validFor) {
    KeyPair own = newPair();
    return new Issued(own, sign(own, "CN=" + name, validFor, false));
  }

  /** Writes the authority's own certificate in PEM. */
  public void write(Path file) throws IOException {
    writePem(file, certificate);
  }

  /** What a client needs that believes this authority. */
  public SSLContext client() {
    return client(null);
  }

  /**
   * What a client needs that believes this authority and shows a certificate, unless it is null.
   */
  public SSLContext client(@Nullable Issued own) {
    try {
      KeyStore believed = KeyStore.getInstance("PKCS12");
      believed.load(null, null);
      believed.setCertificateEntry("authority", certificate);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(believed);
      KeyStore shown = KeyStore.getInstance("PKCS12");
      shown.load(null, null);
      if (own != null) {
        shown.setKeyEntry(
            "own",
            own.pair().getPrivate(),
            PASSWORD,
            new Certificate[] {own.certificate(), certificate});
      }
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(shown, PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private X509Certificate sign(KeyPair own, String name, Duration validFor, boolean isAuthority) {
    try {
      Instant now = Instant.now();
      Instant from = validFor.isNegative() ? now.minus(Duration.ofDays(2)) : now.minusSeconds(60);
      X500Name subject = new X500Name(name);
      var builder =
          new JcaX509v3CertificateBuilder(
              new X500Name("CN=Test authority"),
              BigInteger.valueOf(serial++),
              Date.from(from),
              Date.from(now.plus(validFor)),
              subject,
              own.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
      if (!isAuthority) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                new GeneralName[] {
                  new GeneralName(GeneralName.dNSName, "localhost"),
                  new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                }));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair newPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256, new SecureRandom());
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static void writePem(Path file, Object what) throws IOException {
    try (Writer out = Files.newBufferedWriter(file);
        JcaPEMWriter pem = new JcaPEMWriter(out)) {
      pem.writeObject(what);
    }
  }
}
