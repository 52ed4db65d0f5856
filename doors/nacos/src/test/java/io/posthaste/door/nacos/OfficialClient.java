package io.posthaste.door.nacos;

import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.config.ConfigService;
import com.alibaba.nacos.api.config.listener.AbstractListener;
import java.lang.reflect.Proxy;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * An official client. Compiled against line 1.x, loaded with each line's own classes; what only
 * later lines have is called by name.
 */
public final class OfficialClient implements NacosClient {
  private static final int READ_MILLIS = 5_000;

  private final ConfigService service;

  public OfficialClient(Properties properties) throws Exception {
    service = NacosFactory.createConfigService(properties);
  }

  @Override
  public String get(String name, String group) throws Exception {
    return service.getConfig(name, group, READ_MILLIS);
  }

  @Override
  public boolean publish(String name, String group, String content, String type) throws Exception {
    return service.publishConfig(name, group, content, type);
  }

  @Override
  public boolean publishIf(String name, String group, String content, String md5) throws Exception {
    return (boolean)
        ConfigService.class
            .getMethod("publishConfigCas", String.class, String.class, String.class, String.class)
            .invoke(service, name, group, content, md5);
  }

  @Override
  public boolean remove(String name, String group) throws Exception {
    return service.removeConfig(name, group);
  }

  @Override
  public void listen(String name, String group, Consumer<String> listener) throws Exception {
    service.addListener(
        name,
        group,
        new AbstractListener() {
          @Override
          public void receiveConfigInfo(String content) {
            listener.accept(String.valueOf(content));
          }
        });
  }

  @Override
  public void watch(String namePattern, String groupPattern, Consumer<String> listener)
      throws Exception {
    ClassLoader loader = getClass().getClassLoader();
    Class<?> type =
        loader.loadClass("com.alibaba.nacos.api.config.listener.FuzzyWatchEventWatcher");
    Object watcher =
        Proxy.newProxyInstance(
            loader,
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "onEvent" -> {
                    Object event = arguments[0];
                    Class<?> of = event.getClass();
                    listener.accept(
                        of.getMethod("getChangedType").invoke(event)
                            + " "
                            + of.getMethod("getDataId").invoke(event));
                    yield null;
                  }
                  case "getExecutor" -> (Executor) Runnable::run;
                  case "equals" -> proxy == arguments[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  default -> null;
                });
    ConfigService.class
        .getMethod("fuzzyWatch", String.class, String.class, type)
        .invoke(service, namePattern, groupPattern, watcher);
  }

  @Override
  public void close() throws Exception {
    service.shutDown();
  }
}
