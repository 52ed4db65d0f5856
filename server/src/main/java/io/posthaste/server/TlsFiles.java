package io.posthaste.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/** Reads keys and certificates, and says what is wrong with a file that holds none. */
final class TlsFiles {
  private static final long MAX_BYTES = 1 << 20;

  private TlsFiles() {}

  /** Reads or makes what a server is known by. */
  static TlsIdentity identity(TlsSource source) throws TlsException {
    if (source instanceof TlsSource.Pem pem) {
      return new TlsIdentity(key(pem.key()), certificates(pem.certificate()));
    }
    if (source instanceof TlsSource.Pkcs12 store) {
      return pkcs12(store.file(), store.password().toCharArray());
    }
    return SelfSignedIdentity.make(((TlsSource.SelfSigned) source).names());
  }

  /** All certificates in a file, in their order; at least one. */
  static List<X509Certificate> certificates(Path file) throws TlsException {
    checkSize(file);
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        chain.add((X509Certificate) each);
      }
      if (!chain.isEmpty()) {
        return chain;
      }
      throw noCertificate(file, null);
    } catch (CertificateException e) {
      throw noCertificate(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static TlsException noCertificate(Path file, @Nullable Exception cause) {
    String message =
        file
            + ": no certificate in it (expected: PEM, which begins with -----BEGIN CERTIFICATE-----)";
    return cause == null ? new TlsException(message) : new TlsException(message, cause);
  }

  private static PrivateKey key(Path file) throws TlsException {
    checkSize(file);
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1);
        PEMParser parser = new PEMParser(reader)) {
      // An EC key may stand behind the parameters of its curve.
      for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
        if (part instanceof PrivateKeyInfo key) {
          return new JcaPEMKeyConverter().getPrivateKey(key);
        } else if (part instanceof PEMKeyPair pair) {
          return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
        } else if (part instanceof PKCS8EncryptedPrivateKeyInfo
            || part instanceof PEMEncryptedKeyPair) {
          throw new TlsException(
              file
                  + ": the key is encrypted (expected: one that is not, readable by the server alone;"
                  + " or a key store in PKCS#12 with its password)");
        }
      }
    } catch (NoSuchFileException e) {
      throw unreadable(file, e);
    } catch (IOException | RuntimeException e) { // the parser's own, for what is no PEM
      throw new TlsException(file + ": the key cannot be read: " + e.getMessage(), e);
    }
    throw new TlsException(
        file + ": no key in it (expected: PEM, which begins with -----BEGIN PRIVATE KEY-----)");
  }

  private static TlsIdentity pkcs12(Path file, char[] password) throws TlsException {
    checkSize(file);
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, password);
      for (String alias : Collections.list(store.aliases())) {
        if (store.isKeyEntry(alias)
            && store.getKey(alias, password) instanceof PrivateKey key
            && store.getCertificateChain(alias) != null) {
          List<X509Certificate> chain = new ArrayList<>();
          for (Certificate each : store.getCertificateChain(alias)) {
            chain.add((X509Certificate) each);
          }
          return new TlsIdentity(key, chain);
        }
      }
    } catch (IOException e) {
      if (e.getCause() instanceof UnrecoverableKeyException) {
        throw new TlsException(
            file + ": the password is not that of the key store (expected: its own)", e);
      }
      throw e instanceof FileSystemException
          ? unreadable(file, e)
          : new TlsException(file + ": no key store (expected: PKCS#12)", e);
    } catch (GeneralSecurityException e) {
      throw new TlsException(file + ": the key store cannot be read: " + e.getMessage(), e);
    }
    throw new TlsException(
        file
            + ": no key in it with its certificate (expected: one, as openssl pkcs12 -export writes)");
  }

  private static void checkSize(Path file) throws TlsException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new TlsException(file + ": too large (expected: at most " + MAX_BYTES + " bytes)");
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static TlsException unreadable(Path file, IOException e) {
    String why =
        e instanceof NoSuchFileException
            ? "is not there"
            : e instanceof AccessDeniedException
                ? "may not be read by this user"
                : String.valueOf(e.getMessage());
    return new TlsException(file + " " + why + " (expected: a file that can be read)", e);
  }
}
