package io.posthaste.door.nacos;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The lines of official clients, each with its own classes, unmodified. */
enum ClientLine {
  V1_4_8(""),
  V2_0_4("2.0"),
  V2_5_1("2.5"),
  V3_1_1("3.1"),
  V3_2_1("3.2");

  private static final Map<ClientLine, ClassLoader> LOADERS = new ConcurrentHashMap<>();

  // What clients of an earlier run have kept: 2.0.4 keeps that of all servers in the same place,
  // takes it for what is there now, and then does not call a listener that it has come to be so.
  // For the same reason each test names its configs otherwise than the others.
  static {
    Path kept = Path.of(System.getProperty("JM.SNAPSHOT.PATH"), "nacos", "config");
    try (Stream<Path> files = Files.exists(kept) ? Files.walk(kept) : Stream.empty()) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final String folder;

  ClientLine(String folder) {
    this.folder = folder;
  }

  /** Whether it speaks gRPC, and so can do what line 1.x cannot. */
  boolean isOverGrpc() {
    return this != V1_4_8;
  }

  /** Whether it is of the line that watches by pattern. */
  boolean isOfLine3() {
    return this == V3_1_1 || this == V3_2_1;
  }

  /** A client of the servers at these places, with further properties, names and values in turn. */
  NacosClient connect(String places, String... more) throws Exception {
    Properties properties = new Properties();
    properties.put("serverAddr", places);
    properties.put("configRetryTime", "200");
    // The shortest there is: a listener that is added while a poll of 1.x waits must wait for it.
    properties.put("configLongPollTimeout", "10000");
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    ClassLoader loader = LOADERS.computeIfAbsent(this, ClientLine::load);
    Constructor<?> constructor =
        loader.loadClass(OfficialClient.class.getName()).getConstructor(Properties.class);
    Object client = within(loader, () -> constructor.newInstance(properties));
    return (NacosClient)
        Proxy.newProxyInstance(
            NacosClient.class.getClassLoader(),
            new Class<?>[] {NacosClient.class},
            (proxy, method, arguments) -> within(loader, () -> method.invoke(client, arguments)));
  }

  /** Calls where service loaders find the line's own. */
  private static Object within(ClassLoader loader, Callable<Object> call) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      return call.call();
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** The class path that such a client's users get. */
  String classPath() {
    if (!isOverGrpc()) {
      return System.getProperty("java.class.path");
    }
    try {
      return Files.readString(Path.of("clients", folder, "target", "classpath")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ClassLoader load() {
    if (!isOverGrpc()) {
      return ClientLine.class.getClassLoader();
    }
    try {
      List<URL> urls = new ArrayList<>();
      for (String jar : classPath().split(":")) {
        urls.add(Path.of(jar).toUri().toURL());
      }
      urls.add(OfficialClient.class.getProtectionDomain().getCodeSource().getLocation());
      return new Apart(urls.toArray(new URL[0]));
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Shares with the tests only the interface by which it is used. */
  private static final class Apart extends URLClassLoader {
    Apart(URL[] urls) {
      super(urls, ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      return name.equals(NacosClient.class.getName()) ? NacosClient.class : super.findClass(name);
    }
  }
}
