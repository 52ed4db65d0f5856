package io.posthaste.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A host of its own: a network namespace with a cable to the bridge that all hosts are on. Its
 * cable can be told to lose packets, to be slow, and to carry nothing from and to some of the
 * others. Packets are dropped without a word, as by a network that broke.
 *
 * <p>The program that makes hosts must itself run in namespaces of its own (network, mounts).
 */
final class Host {
  private static final String NETWORK = "10.9.0.";
  private static final String GATEWAY = NETWORK + "1";

  private final String name;
  private final String address;
  private final Set<String> cutOff = new TreeSet<>();
  private boolean poor;

  private Host(String name, int number) {
    this.name = name;
    this.address = NETWORK + number;
  }

  /** Makes the bridge, on which this program is too. To be called once, before any host is made. */
  static void makeBridge() throws IOException, InterruptedException {
    run("ip", "link", "set", "lo", "up");
    run("ip", "link", "add", "bridge", "type", "bridge");
    run("ip", "address", "add", GATEWAY + "/24", "dev", "bridge");
    run("ip", "link", "set", "bridge", "up");
  }

  /**
   * Makes a host.
   *
   * @param number the last part of its address: 2 to 254, another one for each host
   */
  static Host make(String name, int number) throws IOException, InterruptedException {
    Host host = new Host(name, number);
    run("ip", "netns", "add", name);
    String cable = "to-" + name;
    run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name);
    run("ip", "link", "set", cable, "master", "bridge", "up");
    run("ip", "-n", name, "address", "add", host.address + "/24", "dev", "eth0");
    run("ip", "-n", name, "link", "set", "lo", "up");
    run("ip", "-n", name, "link", "set", "eth0", "up");
    return host;
  }

  String name() {
    return name;
  }

  String address() {
    return address;
  }

  /** The command that runs a command on this host. */
  List<String> command(List<String> command) {
    List<String> here = new ArrayList<>(List.of("ip", "netns", "exec", name));
    here.addAll(command);
    return here;
  }

  /** Drops whatever comes from these hosts or goes to them; with none, all is carried again. */
  void cutOffFrom(List<Host> others) throws IOException, InterruptedException {
    cutOff.clear();
    others.forEach(other -> cutOff.add(other.address));
    applyFilter();
  }

  /** A poor cable loses a packet in twenty, each way, and carries some 60 kB/s outwards. */
  void setPoor(boolean poor) throws IOException, InterruptedException {
    if (poor != this.poor) {
      this.poor = poor;
      applyFilter();
      String what = poor ? "add" : "del";
      List<String> command =
          new ArrayList<>(List.of("tc", "-n", name, "qdisc", what, "dev", "eth0", "root"));
      if (poor) {
        command.addAll(List.of("tbf", "rate", "500kbit", "burst", "3000", "latency", "200ms"));
      }
      run(command.toArray(String[]::new));
    }
  }

  private void applyFilter() throws IOException, InterruptedException {
    StringBuilder rules = new StringBuilder("table inet faults {}\ndelete table inet faults\n");
    if (poor || !cutOff.isEmpty()) {
      rules.append("table inet faults {\n");
      chain(rules, "input", "iifname", "saddr");
      chain(rules, "output", "oifname", "daddr");
      rules.append("}\n");
    }
    Process nft =
        new ProcessBuilder(command(List.of("nft", "-f", "-"))).redirectErrorStream(true).start();
    try (var to = nft.getOutputStream()) {
      to.write(rules.toString().getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (nft.waitFor() != 0) {
      throw new IOException("nft failed: " + said + rules);
    }
  }

  private void chain(StringBuilder rules, String hook, String interfaceName, String address) {
    rules.append("chain ").append(hook).append(" {\n");
    rules.append("type filter hook ").append(hook).append(" priority 0\n");
    if (!cutOff.isEmpty()) {
      rules.append("ip ").append(address).append(" { ");
      rules.append(String.join(", ", cutOff)).append(" } drop\n");
    }
    if (poor) {
      rules.append(interfaceName).append(" eth0 numgen random mod 100 < 5 drop\n");
    }
    rules.append("}\n");
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed: " + said);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
