package io.posthaste.app;

import io.posthaste.access.TokenOptions;
import io.posthaste.app.Configuration.Given;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Policies;
import io.posthaste.core.Policy;
import io.posthaste.server.Tls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All settings of a server, checked.
 *
 * @param http where HTTP is served; empty for nowhere
 * @param tcp where the binary protocol is served; empty for nowhere
 * @param nacos where Nacos clients are served; empty for nowhere
 * @param apollo where and how Apollo clients are
 * @param data where the embedded engine keeps messages
 * @param engine what keeps messages
 * @param nats where NATS is, for the clustered engine
 * @param keep the rules of what is kept
 * @param diskLimitBytes how much disk all messages may take; {@link Long#MAX_VALUE} for no limit
 * @param allowHosts names by which clients may call the server, besides loopback's
 * @param cors origins of web pages that may use it
 * @param heartbeat how long a stream may be silent
 * @param stall for how long a reader may accept nothing
 * @param limits how much clients may have
 * @param drain how long it is not ready before it ends, and over how long connections move on
 * @param tls how ports speak TLS
 * @param tokens which signed tokens are believed; null for none
 * @param insecure whether to listen on other addresses than loopback's
 * @param knowsInstances whether it is kept which instance has which version of a config
 * @param logLevel how much is logged
 */
record Settings(
    Optional<HostPort> http,
    Optional<HostPort> tcp,
    Optional<HostPort> nacos,
    ApolloSettings apollo,
    Path data,
    Engine engine,
    NatsSettings nats,
    List<Policies.Rule> keep,
    long diskLimitBytes,
    List<String> allowHosts,
    List<String> cors,
    Duration heartbeat,
    Duration stall,
    LimitSettings limits,
    Duration drain,
    TlsSettings tls,
    @Nullable TokenOptions tokens,
    boolean insecure,
    boolean knowsInstances,
    LogLevel logLevel) {

  /** Those that say where something is served. */
  private static final List<Setting> LISTENERS =
      List.of(Setting.HTTP, Setting.TCP, Setting.NACOS, Setting.APOLLO);

  private static final String ENGINES =
      "embedded, memory, or where NATS is: nats://host:4222, several split by commas";

  private static final Duration USUAL_DRAIN = Duration.ofSeconds(5);

  /** What keeps messages. */
  enum Engine {
    EMBEDDED,
    MEMORY,
    CLUSTERED
  }

  /**
   * How NATS is reached.
   *
   * @param servers where it is; none for the other engines
   * @param credentials who we are to it
   * @param authorities who signs its certificates
   */
  record NatsSettings(
      List<String> servers, Optional<Path> credentials, Optional<Path> authorities) {
    NatsSettings {
      servers = List.copyOf(servers);
    }
  }

  /** How much is logged. */
  enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  Settings {
    keep = List.copyOf(keep);
    allowHosts = List.copyOf(allowHosts);
    cors = List.copyOf(cors);
  }

  /**
   * Checks what was given.
   *
   * @throws CommandFailure at the first value that makes no sense, with where it was said and what
   *     would be right
   */
  static Settings of(Configuration configuration) {
    Settings settings =
        new Settings(
            one(configuration, Setting.HTTP, Settings::place),
            one(configuration, Setting.TCP, Settings::place),
            one(configuration, Setting.NACOS, Settings::place),
            apollo(configuration),
            one(configuration, Setting.DATA, Path::of).toAbsolutePath().normalize(),
            one(configuration, Setting.ENGINE, Settings::engine),
            new NatsSettings(
                one(configuration, Setting.ENGINE, Settings::natsServers),
                one(configuration, Setting.NATS_CREDENTIALS, Settings::file),
                one(configuration, Setting.NATS_CA, Settings::file)),
            all(configuration, Setting.KEEP, Policies.Rule::parse),
            one(configuration, Setting.DISK_LIMIT, Settings::size),
            all(configuration, Setting.ALLOW_HOST, Settings::host),
            all(configuration, Setting.CORS, Settings::origin),
            one(configuration, Setting.HEARTBEAT, Settings::time),
            one(configuration, Setting.STALL, Settings::time),
            limits(configuration),
            drain(configuration),
            tls(configuration),
            tokens(configuration),
            one(configuration, Setting.INSECURE, Settings::yesOrNo),
            one(configuration, Setting.CONFIG_INSTANCES, Settings::onOrOff),
            one(configuration, Setting.LOG_LEVEL, text -> constant(LogLevel.class, text)));
    return settings;
  }

  /** The same with further rules of what is kept, behind all others. */
  Settings alsoKeeping(List<Policies.Rule> rules) {
    List<Policies.Rule> more = new ArrayList<>(keep);
    more.addAll(rules);
    return new Settings(
        http,
        tcp,
        nacos,
        apollo,
        data,
        engine,
        nats,
        more,
        diskLimitBytes,
        allowHosts,
        cors,
        heartbeat,
        stall,
        limits,
        drain,
        tls,
        tokens,
        insecure,
        knowsInstances,
        logLevel);
  }

  private static ApolloSettings apollo(Configuration configuration) {
    return new ApolloSettings(
        one(configuration, Setting.APOLLO, Settings::place),
        one(configuration, Setting.APOLLO_ENV, ApolloSettings::env),
        one(configuration, Setting.APOLLO_HOLD, text -> ApolloSettings.hold(time(text))),
        one(
            configuration,
            Setting.CONFIG_SPREAD,
            text -> text.equals("0s") ? Duration.ZERO : ApolloSettings.spread(time(text))),
        Set.copyOf(all(configuration, Setting.APOLLO_INCREMENTAL, text -> text)));
  }

  private static @Nullable TokenOptions tokens(Configuration configuration) {
    Optional<Path> secret = one(configuration, Setting.JWT_SECRET, Settings::file);
    Optional<TokenOptions.Keys> keys = one(configuration, Setting.JWT_KEYS, Settings::tokenKeys);
    if (secret.isPresent() && keys.isPresent()) {
      throw CommandFailure.misuse("--jwt-secret and --jwt-keys (expected: one of them)");
    }
    if (secret.isEmpty() && keys.isEmpty()) {
      return null;
    }
    TokenOptions options =
        TokenOptions.of(
            keys.isPresent() ? keys.get() : new TokenOptions.SharedSecret(secret.orElseThrow()));
    TokenOptions signed =
        one(
            configuration,
            Setting.JWT_ALGORITHM,
            name -> name.equals("auto") ? options : options.withAlgorithm(name));
    return signed.only(
        one(configuration, Setting.JWT_ISSUER, Settings::textOrNone),
        one(configuration, Setting.JWT_AUDIENCE, Settings::textOrNone));
  }

  private static Optional<TokenOptions.Keys> tokenKeys(String text) {
    if (!text.startsWith("http://") && !text.startsWith("https://")) {
      return file(text).map(TokenOptions.KeySetFile::new);
    }
    try {
      return Optional.of(new TokenOptions.KeySetUrl(URI.create(text)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "a file, or an address such as https://id.example/keys", e);
    }
  }

  private static Optional<String> textOrNone(String text) {
    return text.equals("none") ? Optional.empty() : Optional.of(text);
  }

  private static TlsSettings tls(Configuration configuration) {
    TlsSettings.Given given =
        new TlsSettings.Given(
            one(configuration, Setting.TLS_CERT, Settings::file),
            one(configuration, Setting.TLS_KEY, Settings::file),
            one(configuration, Setting.TLS_KEYSTORE, Settings::file),
            one(configuration, Setting.TLS_PASSWORD, TlsSettings::passwordPlace),
            one(configuration, Setting.TLS_SELF_SIGNED, Settings::yesOrNo),
            one(configuration, Setting.TLS_CLIENT_CA, Settings::file),
            one(configuration, Setting.TLS_CLIENT_AUTH, text -> constant(Tls.Clients.class, text)));
    List<String> names = new ArrayList<>(all(configuration, Setting.ALLOW_HOST, Settings::host));
    for (Setting listener : LISTENERS) {
      one(configuration, listener, Settings::place)
          .filter(place -> !place.host().matches("0\\.0\\.0\\.0|::"))
          .ifPresent(place -> names.add(place.host()));
    }
    return TlsSettings.of(given, names, System.getenv());
  }

  private static <T> T one(
      Configuration configuration, Setting setting, Function<String, T> parser) {
    List<Given> given = configuration.of(setting);
    return parse(given.get(given.size() - 1), parser);
  }

  private static <T> List<T> all(
      Configuration configuration, Setting setting, Function<String, T> parser) {
    return configuration.of(setting).stream().map(given -> parse(given, parser)).toList();
  }

  private static <T> T parse(Given given, Function<String, T> parser) {
    try {
      return parser.apply(given.text());
    } catch (MalformedException e) {
      throw CommandFailure.misuse(given.where() + ": " + e.getMessage());
    } catch (IllegalArgumentException | ArithmeticException e) {
      String why = String.valueOf(e.getMessage());
      throw CommandFailure.misuse(
          why.contains("(expected: ")
              ? given.where() + ": " + why
              : given.where() + ": " + given.text() + " (expected: " + why + ")");
    }
  }

  private static Optional<HostPort> place(String text) {
    return text.equals("off") ? Optional.empty() : Optional.of(HostPort.parse(text));
  }

  private static Engine engine(String text) {
    if (!natsServers(text).isEmpty()) {
      return Engine.CLUSTERED;
    }
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "embedded" -> Engine.EMBEDDED;
      case "memory" -> Engine.MEMORY;
      default -> throw new IllegalArgumentException(ENGINES);
    };
  }

  private static List<String> natsServers(String text) {
    if (!text.contains("://")) {
      return List.of();
    }
    List<String> servers = List.of(text.split(","));
    for (String server : servers) {
      if (!server.matches("(nats|tls)://[^\\s,]+")) {
        throw new IllegalArgumentException(ENGINES);
      }
    }
    return servers;
  }

  private static Optional<Path> file(String text) {
    return text.equals("none") ? Optional.empty() : Optional.of(Path.of(text).toAbsolutePath());
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
    }
    String names = List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT);
    throw new IllegalArgumentException("one of " + names.substring(1, names.length() - 1));
  }

  private static long size(String text) {
    if (text.equals("none")) {
      return Long.MAX_VALUE;
    }
    String right = "a size such as 500m or 20g, at least 16m, or none";
    try {
      long bytes = Policy.bytes(text);
      if (bytes >= 16 << 20) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(right, e);
    }
    throw new IllegalArgumentException(right);
  }

  private static LimitSettings limits(Configuration configuration) {
    return LimitSettings.of(
        one(configuration, Setting.CONNECTIONS, LimitSettings::number),
        one(configuration, Setting.CONNECTIONS_PER_ADDRESS, LimitSettings::number),
        one(configuration, Setting.CONNECTIONS_PER_IDENTITY, LimitSettings::number),
        one(configuration, Setting.PUBLISH_RATE, LimitSettings::rate),
        all(configuration, Setting.TRUSTED_PROXY, LimitSettings::network));
  }

  private static Duration drain(Configuration configuration) {
    return one(
        configuration,
        Setting.DRAIN,
        text -> {
          if (text.equals("auto")) {
            boolean alone = one(configuration, Setting.ENGINE, engine -> !engine.contains("://"));
            boolean near =
                LISTENERS.stream()
                    .flatMap(listener -> one(configuration, listener, Settings::place).stream())
                    .allMatch(HostPort::isLoopback);
            return alone && near ? Duration.ZERO : USUAL_DRAIN;
          }
          return text.equals("0s") ? Duration.ZERO : time(text);
        });
  }

  static Duration time(String text) {
    if (!text.matches("[0-9]{1,6}(ms|s|m|h)") || text.matches("0+[a-z]+")) {
      throw new IllegalArgumentException("a time above 0 such as 500ms, 25s, 2m or 1h");
    }
    String unit = text.replaceFirst("[0-9]+", "");
    long number = Long.parseLong(text.substring(0, text.length() - unit.length()));
    return switch (unit) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }

  private static String host(String text) {
    if (!text.matches("[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+]")) {
      throw new IllegalArgumentException("a host's name without a port, as in push.example.org");
    }
    return text;
  }

  private static String origin(String text) {
    String right = "an origin as browsers send it: https://app.example.org, with no path";
    try {
      URI uri = URI.create(text);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawPath().isEmpty()
          && uri.getRawQuery() == null
          && uri.getRawUserInfo() == null) {
        return text;
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(right, e);
    }
    throw new IllegalArgumentException(right);
  }

  private static boolean onOrOff(String text) {
    if (!text.equals("on") && !text.equals("off")) {
      throw new IllegalArgumentException("on or off");
    }
    return text.equals("on");
  }

  private static boolean yesOrNo(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException("true or false");
    }
    return text.equals("true");
  }
}
