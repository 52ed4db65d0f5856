package io.posthaste.door.nacos;

import java.util.function.Consumer;

/** An official client, of whatever line, in types that all class loaders know. */
public interface NacosClient extends AutoCloseable {
  /** What a config is; null if there is none. */
  String get(String name, String group) throws Exception;

  boolean publish(String name, String group, String content, String type) throws Exception;

  /** Only if the content has that MD5; lines 2.x and 3.x. */
  boolean publishIf(String name, String group, String content, String md5) throws Exception;

  boolean remove(String name, String group) throws Exception;

  /** Has a listener called; an absent config is the text null. */
  void listen(String name, String group, Consumer<String> listener) throws Exception;

  /** Has a listener told which configs come and go, as {@code ADD_CONFIG name}; line 3.x. */
  void watch(String namePattern, String groupPattern, Consumer<String> listener) throws Exception;

  @Override
  void close() throws Exception;
}
