package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * Nacos' own library for administrators, nacos-maintainer-client 3.2.1-2026.03.30, unmodified and
 * with its own classes: called by name, answers as JSON.
 */
final class Maintainer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PACKAGE = "com.alibaba.nacos.maintainer.client.config.";

  private final URLClassLoader loader;
  private final Object service;
  private final Class<?> api;

  /** Of a server, with further properties, names and values in turn. */
  Maintainer(String place, String... more) throws Exception {
    List<URL> urls = new ArrayList<>();
    Path path = Path.of("clients", "maintainer", "target", "classpath");
    for (String jar : Files.readString(path).strip().split(":")) {
      urls.add(Path.of(jar).toUri().toURL());
    }
    loader = new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    api = loader.loadClass(PACKAGE + "ConfigMaintainerService");
    Properties properties = new Properties();
    properties.put("serverAddr", place);
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    Class<?> factory = loader.loadClass(PACKAGE + "ConfigMaintainerFactory");
    Method create = factory.getMethod("createConfigMaintainerService", Properties.class);
    service = within(() -> create.invoke(null, properties));
  }

  /** Something that may throw. */
  private interface Call {
    Object call() throws Exception;
  }

  private Object within(Call call) throws Exception {
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

  /** Calls the method of that name with as many parameters. */
  JsonNode call(String name, Object... arguments) throws Exception {
    for (Method method : api.getMethods()) {
      if (method.getName().equals(name) && method.getParameterCount() == arguments.length) {
        return JSON.valueToTree(within(() -> method.invoke(service, arguments)));
      }
    }
    throw new NoSuchMethodException(name);
  }

  /** One of its own things, read from JSON. */
  Object make(String type, String json) throws Exception {
    return JSON.readValue(
        json.replace('\'', '"'), loader.loadClass("com.alibaba.nacos.api.config.model." + type));
  }

  @Override
  public void close() throws Exception {
    call("shutdown");
    loader.close();
  }
}
