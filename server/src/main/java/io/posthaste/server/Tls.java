package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS 1.2 and 1.3 for a server's ports: by BoringSSL where there is a build of it, else by the JDK.
 * Files that change are read again; connections that are there stay as they are, and new ones are
 * shown the new certificate. If the new files are no good, the error is logged and the old ones
 * stay. Safe for all threads.
 */
public final class Tls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
  private static final Duration HANDSHAKE_TIME = Duration.ofSeconds(10);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

  /** Whether clients show a certificate too. */
  public enum Clients {
    /** They are asked for one; those that show none are let in too. */
    WANT,
    /** Who shows none is let in no further. */
    NEED
  }

  /**
   * Whose certificates are believed.
   *
   * @param authorities a file of certificates in PEM, by one of which a client's is signed
   */
  public record ClientCheck(Path authorities, Clients clients) {
    public ClientCheck {
      requireNonNull(authorities, "authorities");
      requireNonNull(clients, "clients");
    }
  }

  private record Stamp(@Nullable FileTime changed, long size) {}

  private final TlsSource source;
  private final @Nullable ClientCheck check;
  private final SslProvider provider;
  private final Duration handshakeTime;
  private final List<Path> files;
  private final @Nullable ScheduledExecutorService watch;
  private final AtomicLong reloads = new AtomicLong();
  private final AtomicLong failedReloads = new AtomicLong();
  private List<Stamp> loaded; // of the files that were read last, good or not
  private List<Stamp> seen;
  private SslContext context; // guarded by this, as a handler retains it
  private volatile X509Certificate certificate;

  private Tls(
      TlsSource source,
      @Nullable ClientCheck check,
      SslProvider provider,
      Duration handshakeTime,
      Duration lookEvery)
      throws TlsException {
    this.source = source;
    this.check = check;
    this.provider = provider;
    this.handshakeTime = handshakeTime;
    List<Path> all = new ArrayList<>(source.files());
    if (check != null) {
      all.add(check.authorities());
    }
    this.files = List.copyOf(all);
    this.loaded = stamps();
    this.seen = loaded;
    TlsIdentity identity = TlsFiles.identity(source);
    this.context = context(identity, check, provider);
    this.certificate = identity.certificate();
    this.watch = files.isEmpty() ? null : Executors.newSingleThreadScheduledExecutor(Tls::thread);
    if (watch != null) {
      long every = lookEvery.toMillis();
      watch.scheduleWithFixedDelay(this::look, every, every, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * TLS with a key and a certificate, which are read now.
   *
   * @param check how clients' certificates are checked; null to ask for none
   * @throws TlsException if they cannot be had or do not belong together
   */
  public static Tls of(TlsSource source, @Nullable ClientCheck check) throws TlsException {
    return of(source, check, HANDSHAKE_TIME, LOOK_EVERY);
  }

  static Tls of(
      TlsSource source, @Nullable ClientCheck check, Duration handshakeTime, Duration lookEvery)
      throws TlsException {
    SslProvider provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    return of(source, check, provider, handshakeTime, lookEvery);
  }

  static Tls of(
      TlsSource source,
      @Nullable ClientCheck check,
      SslProvider provider,
      Duration handshakeTime,
      Duration lookEvery)
      throws TlsException {
    return new Tls(requireNonNull(source, "source"), check, provider, handshakeTime, lookEvery);
  }

  /** What speaks TLS here, with its version. */
  public static String provider() {
    return OpenSsl.isAvailable()
        ? OpenSsl.versionString()
        : "JDK " + Runtime.version() + " (no native build for this machine)";
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "tls-files");
    thread.setDaemon(true);
    return thread;
  }

  private static SslContext context(
      TlsIdentity identity, @Nullable ClientCheck check, SslProvider provider) throws TlsException {
    identity.check(Instant.now());
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(
                  identity.key(), identity.chain().toArray(new X509Certificate[0]))
              .sslProvider(provider)
              .protocols("TLSv1.3", "TLSv1.2")
              // Those of RFC 9113, 9.2.2: with forward secrecy, authenticated.
              .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      Protocol.ALPN,
                      SelectorFailureBehavior.NO_ADVERTISE,
                      SelectedListenerFailureBehavior.ACCEPT,
                      ApplicationProtocolNames.HTTP_2,
                      ApplicationProtocolNames.HTTP_1_1));
      if (check != null) {
        builder
            .trustManager(
                TlsFiles.certificates(check.authorities()).toArray(new X509Certificate[0]))
            .clientAuth(check.clients() == Clients.NEED ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
      }
      return builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new TlsException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  /** A handler for one more connection. */
  synchronized SslHandler newHandler(ByteBufAllocator alloc) {
    SslHandler handler = context.newHandler(alloc);
    handler.setHandshakeTimeoutMillis(handshakeTime.toMillis());
    return handler;
  }

  /** SHA-256 of the server's certificate, as OpenSSL prints it. */
  public String fingerprint() {
    try {
      return TlsIdentity.fingerprint(certificate);
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
  }

  /** Until when the server's certificate is valid. */
  public Instant expiry() {
    return certificate.getNotAfter().toInstant();
  }

  /** How often changed files were taken. */
  public long reloads() {
    return reloads.get();
  }

  /** How often changed files were no good. */
  public long failedReloads() {
    return failedReloads.get();
  }

  /** Adds figures of the certificate and its files. */
  public void addTo(Metrics metrics) {
    metrics.gauge(
        "posthaste_tls_certificate_expiry_seconds",
        "Until when the server's certificate is valid, in seconds since 1970",
        () -> expiry().getEpochSecond());
    String help = "Changed certificate files that were read again, by whether they were good";
    metrics.counter("posthaste_tls_reloads", help, "result", "taken", this::reloads);
    metrics.counter("posthaste_tls_reloads", help, "result", "refused", this::failedReloads);
  }

  /** Takes changed files, once they have not changed for one look more: they may come in pieces. */
  private void look() {
    List<Stamp> now = stamps();
    boolean settled = now.equals(seen);
    seen = now;
    if (!settled || now.equals(loaded)) {
      return;
    }
    loaded = now;
    try {
      TlsIdentity identity = TlsFiles.identity(source);
      SslContext fresh = context(identity, check, provider);
      SslContext old;
      synchronized (this) {
        old = context;
        context = fresh;
      }
      certificate = identity.certificate();
      ReferenceCountUtil.release(old); // connections that are there hold on to it
      reloads.incrementAndGet();
      LOG.info("tls=reloaded fingerprint={} expires={}", fingerprint(), expiry());
    } catch (TlsException e) {
      failedReloads.incrementAndGet();
      LOG.error("tls=refused, the certificate stays as it was: {}", e.getMessage());
    } catch (RuntimeException e) { // else nobody would look again
      failedReloads.incrementAndGet();
      LOG.error("tls=refused, the certificate stays as it was", e);
    }
  }

  private List<Stamp> stamps() {
    return files.stream().map(Tls::stamp).toList();
  }

  private static Stamp stamp(Path file) {
    try {
      return new Stamp(Files.getLastModifiedTime(file), Files.size(file));
    } catch (IOException e) {
      return new Stamp(null, -1);
    }
  }

  /** Looks at files no more, and lets go of what new connections would need. */
  @Override
  public void close() {
    if (watch != null) {
      watch.shutdownNow();
    }
    synchronized (this) {
      ReferenceCountUtil.release(context);
    }
  }
}
