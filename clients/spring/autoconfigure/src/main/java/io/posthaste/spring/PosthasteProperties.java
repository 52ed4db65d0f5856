package io.posthaste.spring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.client.Posthaste;
import io.posthaste.client.PosthasteBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code posthaste.*}, as {@code META-INF/spring-configuration-metadata.json}
 * describes them.
 */
@ConfigurationProperties(PosthasteProperties.PREFIX)
record PosthasteProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("http://127.0.0.1:8080") List<String> url,
    @Nullable String token,
    @Nullable Path tokenFile,
    @DefaultValue("public") String namespace,
    @DefaultValue("DEFAULT_GROUP") String group,
    @DefaultValue("true") boolean failFast,
    @DefaultValue("true") boolean refresh,
    @DefaultValue("5s") Duration requestLimit,
    @Nullable String snapshots,
    @Nullable Path failover,
    @Nullable String application,
    @Nullable String instance,
    @DefaultValue Map<String, String> labels) {
  static final String PREFIX = "posthaste";

  /** What an environment says; what it does not say is as the defaults have it. */
  static PosthasteProperties of(Binder binder) {
    PosthasteProperties said = binder.bindOrCreate(PREFIX, Bindable.of(PosthasteProperties.class));
    return said.application != null
        ? said
        : said.named(binder.bind("spring.application.name", String.class).orElse("application"));
  }

  private PosthasteProperties named(String application) {
    return new PosthasteProperties(
        enabled,
        url,
        token,
        tokenFile,
        namespace,
        group,
        failFast,
        refresh,
        requestLimit,
        snapshots,
        failover,
        application,
        instance,
        labels);
  }

  /** A client with these settings. */
  Posthaste client() {
    PosthasteBuilder client = Posthaste.builder().requestLimit(requestLimit);
    url.forEach(client::node);
    if (tokenFile != null) {
      Path file = tokenFile;
      client.token(() -> read(file));
    } else if (token != null) {
      client.apiKey(token);
    }
    if (application != null) {
      client.application(application);
    }
    client.instance(instance == null ? hostName() : instance);
    labels.forEach(client::label);
    if (failover != null) {
      client.failover(failover);
    }
    if (!"off".equals(snapshots)) {
      client.snapshots(snapshots == null ? underHome() : Path.of(snapshots));
    }
    return client.build();
  }

  private Path underHome() {
    String directory = String.valueOf(application).replaceAll("[^A-Za-z0-9_-]", "_");
    return Path.of(System.getProperty("user.home"), ".posthaste", "snapshots", directory);
  }

  /** Read whenever it is shown, as it may have been renewed. */
  private static String read(Path file) {
    try {
      return Files.readString(file, UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("posthaste.token-file cannot be read: " + file, e);
    }
  }

  private static String hostName() {
    String told = System.getenv("HOSTNAME");
    if (told != null && !told.isEmpty()) {
      return told;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  /** Without what may be shown to nobody. */
  @Override
  public String toString() {
    return "Posthaste at " + String.join(", ", url);
  }
}
