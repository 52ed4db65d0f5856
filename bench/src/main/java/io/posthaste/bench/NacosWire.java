package io.posthaste.bench;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** As much of Nacos' HTTP API as clients 1.x use: configs by number, and which version of each. */
final class NacosWire {
  private static final String CONFIGS = "/nacos/v1/cs/configs";
  private static final String NAME = "bench-";
  private static final String ENDING = ".txt"; // Apollo's clients know it as a namespace's

  static final String GROUP = "G";

  private final String host;

  NacosWire(String host) {
    this.host = host;
  }

  static String name(int config) {
    return NAME + config + ENDING;
  }

  /** Publishes a config; answered with {@code true}. */
  String publish(int config, String content) {
    return form(CONFIGS, "dataId=" + name(config) + "&group=" + GROUP + "&content=" + content, "");
  }

  String get(int config) {
    return Target.request("GET", CONFIGS + "?dataId=" + name(config) + "&group=" + GROUP, host);
  }

  /** A long poll over configs {@code first} to {@code last}, by the versions that are had. */
  String poll(int first, int last, String[] md5) {
    StringBuilder listing = new StringBuilder("Listening-Configs=");
    for (int config = first; config <= last; config++) {
      listing.append(name(config)).append("%02G%02").append(md5[config]).append("%01");
    }
    return form(CONFIGS + "/listener", listing.toString(), "Long-Pulling-Timeout: 60000\r\n");
  }

  private String form(String path, String body, String headers) {
    return Target.head("POST", path, host, "Content-Type: application/x-www-form-urlencoded")
        + headers
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  /** Which config a poll's answer names; -1 if its time was over. */
  static int changed(String answer) {
    int end = answer.indexOf("%02");
    return end < 0 ? -1 : Integer.parseInt(answer.substring(NAME.length(), end - ENDING.length()));
  }

  static String md5(String content) {
    try {
      byte[] digest =
          MessageDigest.getInstance("MD5").digest(content.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
