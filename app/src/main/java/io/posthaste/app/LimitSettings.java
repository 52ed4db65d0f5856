package io.posthaste.app;

import com.sun.management.UnixOperatingSystemMXBean;
import io.posthaste.server.ConnectionQuota;
import io.posthaste.server.PublishRate;
import io.posthaste.server.TrustedProxies;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * How much clients may have.
 *
 * @param connections how many at a time
 * @param connectionsPerAddress how many of them of one address
 * @param connectionsPerIdentity how many of them of somebody who has proved who he is
 * @param messagesPerSecond what a publisher may publish; 0 for any number
 * @param proxies whose word is taken for whom they speak for
 */
record LimitSettings(
    int connections,
    int connectionsPerAddress,
    int connectionsPerIdentity,
    double messagesPerSecond,
    List<String> proxies) {
  /** Stands for "auto". */
  private static final int AUTO = 0;

  /** Open files for the log, the JVM and what else there is. */
  private static final long FILES_OF_OUR_OWN = 512;

  LimitSettings {
    proxies = List.copyOf(proxies);
  }

  static LimitSettings of(
      int connections,
      int perAddress,
      int perIdentity,
      double messagesPerSecond,
      List<String> proxies) {
    int most = connections == AUTO ? whatFilesLeave() : connections;
    int share = most == Integer.MAX_VALUE ? most : Math.max(1, most - most / 10);
    return new LimitSettings(
        most,
        perAddress == AUTO ? share : perAddress,
        perIdentity == AUTO ? share : perIdentity,
        messagesPerSecond,
        proxies);
  }

  private static int whatFilesLeave() {
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)) {
      return Integer.MAX_VALUE;
    }
    long files = unix.getMaxFileDescriptorCount();
    long ours = Math.min(FILES_OF_OUR_OWN, files / 4);
    return files < 1 ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, files - ours);
  }

  ConnectionQuota quota() {
    return new ConnectionQuota(
        connections, connectionsPerAddress, connectionsPerIdentity, TrustedProxies.of(proxies));
  }

  PublishRate publishRate() {
    return messagesPerSecond == 0
        ? PublishRate.UNLIMITED
        : PublishRate.of(messagesPerSecond, System::nanoTime);
  }

  /** Reads a number of connections. */
  static int number(String text) {
    return switch (text) {
      case "auto" -> AUTO;
      case "none" -> Integer.MAX_VALUE;
      default -> {
        if (!text.matches("[1-9][0-9]{0,8}")) {
          throw new IllegalArgumentException("a number above 0, auto or none");
        }
        yield Integer.parseInt(text);
      }
    };
  }

  /** Reads a number of messages a second. */
  static double rate(String text) {
    if (text.equals("none")) {
      return 0;
    }
    if (!text.matches("[0-9]{1,9}([.][0-9]{1,6})?") || Double.parseDouble(text) == 0) {
      throw new IllegalArgumentException("a number of messages a second above 0, or none");
    }
    return Double.parseDouble(text);
  }

  /** Checks an address or a network. */
  static String network(String text) {
    TrustedProxies.of(List.of(text));
    return text;
  }
}
