package io.posthaste.app;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A setting of {@code serve}. Each is given the same three ways: {@code --name} on the command
 * line, {@code POSTHASTE_NAME} in the environment, {@code name:} in the configuration file; the
 * first of these that has it wins, whole, and else the default applies.
 */
enum Setting {
  HTTP("HOST:PORT|off", "127.0.0.1:8080", "Where HTTP and WebSocket are served; port 0 for any."),
  TCP("HOST:PORT|off", "127.0.0.1:7080", "Where the binary protocol is served."),
  NACOS(
      "HOST:PORT|off",
      "off",
      "Where Nacos clients get and publish configs, usually on port 8848; gRPC there too, and on a"
          + " port 1,000 above."),
  APOLLO(
      "HOST:PORT|off",
      "off",
      "Where Apollo clients and its open API are served; Apollo's own are on 8080 and 8070."),
  APOLLO_ENV(
      "NAME", "DEV", "What Apollo's open API calls this server: one server is one environment."),
  APOLLO_HOLD("TIME", "60s", "How long a poll of an Apollo client waits at most, 1s to 90s."),
  APOLLO_INCREMENTAL(
      "APPID",
      Kind.LIST,
      "An application whose clients, all of 2.4.0 or later, are sent what has changed in place of"
          + " all; * for every one."),
  CONFIG_SPREAD(
      "TIME",
      "0s",
      "Over how long the Apollo clients that wait for one config are told of a change, so that they"
          + " do not all come for it at once."),
  DATA(
      "DIR",
      "posthaste-data",
      "Where messages are kept (engine: embedded); made if it is missing."),
  ENGINE(
      "embedded|memory|nats://HOST:PORT,…",
      "embedded",
      "What keeps them: embedded (on disk, each acknowledged after a sync), memory (lost at the end),"
          + " or NATS JetStream, for many servers with one log (tls:// where it is to be encrypted)."),
  NATS_CREDENTIALS(
      "FILE|none", "none", "Who this server is to NATS: a JWT and a key, as nsc writes them."),
  NATS_CA(
      "FILE|none",
      "none",
      "The certificates, in PEM, by one of which NATS' own are signed; else the JDK's."),
  KEEP(
      "PATTERN=SETTINGS",
      Kind.LIST,
      "What is kept of the topics that match, as in 'logs/#=count:100,age:7d,bytes:1g,max:4m' or"
          + " 'typing/#=memory'; the first match wins; else 1,000 messages, 7 days, 1m a message."),
  DISK_LIMIT(
      "SIZE|none", "64g", "How much disk all messages may take together; the oldest go first."),
  ALLOW_HOST(
      "HOST",
      Kind.LIST,
      "A name by which clients may call this server (the Host header), besides loopback's."),
  CORS(
      "ORIGIN",
      Kind.LIST,
      "A web page's origin that may read and publish, as in https://app.example.org."),
  HEARTBEAT("TIME", "25s", "How long a stream may be silent before something is sent."),
  STALL("TIME", "120s", "For how long a reader may accept nothing before it is cut off."),
  CONNECTIONS(
      "N|auto|none",
      "auto",
      "How many connections there may be at a time; auto: what the limit of open files leaves."),
  CONNECTIONS_PER_ADDRESS(
      "N|auto|none",
      "auto",
      "How many of them may be of one client address; auto: nine tenths of them."),
  CONNECTIONS_PER_IDENTITY(
      "N|auto|none",
      "auto",
      "How many of them may be of one user or service, wherever he comes from; auto: nine tenths of"
          + " them."),
  PUBLISH_RATE(
      "N|none",
      "none",
      "How many messages a publisher may publish a second; twice as many at once."),
  TRUSTED_PROXY(
      "ADDRESS|NETWORK",
      Kind.LIST,
      "A proxy, as 10.0.0.7 or 10.0.0.0/8, whose X-Forwarded-For or Forwarded is taken for who the"
          + " client is."),
  DRAIN(
      "TIME|auto",
      "auto",
      "How long a server that is told to stop only says that it is not ready, before it moves its"
          + " connections on, over as long again; auto: 5s, or 0s for one that is alone and that only this machine reaches."),
  INSECURE(
      "true|false",
      Kind.SWITCH,
      "Listen on other addresses than loopback's although anybody who reaches them may read and"
          + " publish everything."),
  TLS_CERT(
      "FILE|none",
      "none",
      "The server's certificate in PEM, and those that vouch for it: every port then speaks TLS."
          + " Taken anew when the file changes."),
  TLS_KEY("FILE|none", "none", "The private key of --tls-cert, in PEM."),
  TLS_KEYSTORE("FILE|none", "none", "Certificate and key in one file instead, in PKCS#12."),
  TLS_PASSWORD(
      "file:FILE|env:VARIABLE|none",
      "none",
      "Where the password of --tls-keystore stands: in a file's first line, or in the environment."),
  TLS_SELF_SIGNED(
      "true|false",
      Kind.SWITCH,
      "Speak TLS with a certificate made at the start, which nobody vouches for: to try it out."),
  TLS_CLIENT_CA(
      "FILE|none", "none", "Ask clients for a certificate that is signed by one of these, in PEM."),
  TLS_CLIENT_AUTH(
      "want|need",
      "need",
      "Whether clients that show none are let in (want) or not (need); with --tls-client-ca."),
  JWT_SECRET(
      "FILE|none",
      "none",
      "Believe tokens (JWT) that are signed with what stands in this file: 32 bytes or more, at"
          + " random."),
  JWT_KEYS(
      "FILE|URL|none",
      "none",
      "Believe tokens that are signed by one of these keys: a JWK set, read anew now and then."),
  JWT_ALGORITHM(
      "NAME|auto",
      "auto",
      "By what tokens must be signed, and by nothing else; auto: HS256 with --jwt-secret, RS256 with"
          + " --jwt-keys."),
  JWT_ISSUER("TEXT|none", "none", "What must stand in a token's iss."),
  JWT_AUDIENCE("TEXT|none", "none", "What must be among a token's aud."),
  CONFIG_INSTANCES(
      "on|off",
      "on",
      "Whether it is kept in memory which instance has which version of a config; some 100 bytes for"
          + " each config that each listens to."),
  LOG_LEVEL("LEVEL", "info", "How much is logged: error, warn, info, debug.");

  /** How often a setting can be given. */
  enum Kind {
    ONE,
    LIST,
    SWITCH
  }

  private final String label;
  private final Kind kind;
  private final String fallback;
  private final String description;

  Setting(String label, String fallback, String description) {
    this.label = label;
    this.kind = Kind.ONE;
    this.fallback = fallback;
    this.description = description;
  }

  Setting(String label, Kind kind, String description) {
    this.label = label;
    this.kind = kind;
    this.fallback = kind == Kind.SWITCH ? "false" : "";
    this.description = description;
  }

  /** What its value looks like. */
  String label() {
    return label;
  }

  Kind kind() {
    return kind;
  }

  /** The value where none is given; empty for an empty list. */
  String fallback() {
    return fallback;
  }

  String description() {
    return description;
  }

  /** Its name in the configuration file. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Its option. */
  String flag() {
    return "--" + key();
  }

  /** Its environment variable. */
  String variable() {
    return "POSTHASTE_" + name();
  }

  static Optional<Setting> ofKey(String key) {
    return Arrays.stream(values()).filter(setting -> setting.key().equals(key)).findFirst();
  }

  /** The setting whose name looks most like the key. */
  static Setting nearest(String key) {
    return Arrays.stream(values())
        .min(Comparator.comparingInt(setting -> distance(key, setting.key())))
        .orElseThrow();
  }

  /** Levenshtein's distance, where {@code _} and {@code -} are the same. */
  private static int distance(String one, String other) {
    String a = one.replace('_', '-').toLowerCase(Locale.ROOT);
    int[] row = new int[other.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int above = row[j];
        int change = a.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + change);
        diagonal = above;
      }
    }
    return row[other.length()];
  }

  static List<Setting> all() {
    return List.of(values());
  }
}
