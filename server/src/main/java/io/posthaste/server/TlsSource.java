package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;

/** Where a server's key and certificate come from. */
public sealed interface TlsSource {
  /**
   * Files in PEM.
   *
   * @param certificate the server's certificate, and after it those that vouch for it
   * @param key its private key, not encrypted: PKCS#8, or as OpenSSL once wrote RSA and EC keys
   */
  record Pem(Path certificate, Path key) implements TlsSource {
    public Pem {
      requireNonNull(certificate, "certificate");
      requireNonNull(key, "key");
    }
  }

  /**
   * A file in PKCS#12, with one key and its certificates.
   *
   * @param password of the file and of the key in it; never shown
   */
  record Pkcs12(Path file, String password) implements TlsSource {
    public Pkcs12 {
      requireNonNull(file, "file");
      requireNonNull(password, "password");
    }

    @Override
    public String toString() {
      return "Pkcs12[file=" + file + "]";
    }
  }

  /**
   * A key made at the start, that nobody vouches for: for trying out.
   *
   * @param names host names and addresses that the certificate is for, besides loopback's
   */
  record SelfSigned(List<String> names) implements TlsSource {
    public SelfSigned {
      names = List.copyOf(names);
    }
  }

  /** The files that it is read from. */
  default List<Path> files() {
    if (this instanceof Pem pem) {
      return List.of(pem.certificate(), pem.key());
    }
    return this instanceof Pkcs12 store ? List.of(store.file()) : List.of();
  }
}
