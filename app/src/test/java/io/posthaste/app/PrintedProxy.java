package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A proxy of our own, with a configuration as docs/proxies.md prints it, on other ports. */
final class PrintedProxy implements AutoCloseable {
  private static final Path PAGE = Path.of("..", "docs", "proxies.md");
  private static final String SERVER = "127.0.0.1:8080";

  enum Kind {
    NGINX("nginx", "listen 80;", "listen 127.0.0.1:%d;"),
    CADDY("caddyfile", "push.example.org {", "http://:%d {\n\tbind 127.0.0.1"),
    HAPROXY("haproxy", "bind :80", "bind 127.0.0.1:%d");

    private final String language;
    private final String listens;
    private final String moved;

    Kind(String language, String listens, String moved) {
      this.language = language;
      this.listens = listens;
      this.moved = moved;
    }

    /** What the page prints. */
    String printed() throws IOException {
      String page = Files.readString(PAGE);
      String fence = "```" + language + "\n";
      int begin = page.indexOf(fence) + fence.length();
      return page.substring(begin, page.indexOf("```", begin));
    }
  }

  private final Process process;
  private final Path output;
  private final int port;

  private PrintedProxy(Process process, Path output, int port) {
    this.process = process;
    this.output = output;
    this.port = port;
  }

  /** Starts one that listens on a free port, in front of a server on a port. */
  static PrintedProxy start(Kind kind, String configuration, Path directory, int behind)
      throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    assertThat(configuration).contains(kind.listens, SERVER);
    String moved =
        configuration
            .replace(kind.listens, kind.moved.formatted(port))
            .replace(SERVER, "127.0.0.1:" + behind);
    Path file = directory.resolve("proxy.conf");
    ProcessBuilder builder = new ProcessBuilder(command(kind, moved, file, directory));
    for (String home : List.of("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")) {
      builder.environment().put(home, directory.toString());
    }
    Path output = directory.resolve("proxy.out");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    PrintedProxy proxy = new PrintedProxy(process, output, port);
    await().atMost(Child.PATIENCE).until(proxy::listens);
    return proxy;
  }

  private static List<String> command(Kind kind, String configuration, Path file, Path directory)
      throws IOException {
    return switch (kind) {
      case NGINX -> {
        Files.writeString(
            file,
            """
            daemon off;
            master_process off;
            pid %1$s/nginx.pid;
            error_log %1$s/error.log;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
              %2$s
            }
            """
                .formatted(directory, configuration));
        String log = directory.resolve("error.log").toString();
        yield List.of(sbin("nginx"), "-p", directory.toString(), "-e", log, "-c", file.toString());
      }
      case CADDY -> {
        Files.writeString(
            file, "{\n\tadmin off\n\tauto_https off\n\tgrace_period 1s\n}\n" + configuration);
        yield List.of("caddy", "run", "--adapter", "caddyfile", "--config", file.toString());
      }
      case HAPROXY -> {
        String logged = "defaults\n  log stdout format raw local0\n  option log-health-checks\n";
        Files.writeString(file, configuration.replace("defaults\n", logged));
        yield List.of(sbin("haproxy"), "-db", "-f", file.toString());
      }
    };
  }

  private static String sbin(String name) {
    return Files.exists(Path.of("/usr/sbin", name)) ? "/usr/sbin/" + name : name;
  }

  private boolean listens() throws IOException {
    assertThat(process.isAlive()).as(output()).isTrue();
    try (Socket socket = connect()) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** A connection to it, for whoever wants to say exactly what is sent. */
  Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** What it said so far. */
  String output() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }
}
