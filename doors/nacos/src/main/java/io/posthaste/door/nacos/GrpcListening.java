package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Md5;
import io.posthaste.core.MalformedException;
import io.posthaste.door.nacos.Listening.Entry;
import io.posthaste.door.nacos.Listening.Spelling;
import java.util.ArrayList;
import java.util.List;

/** The configs of a {@code ConfigBatchListenRequest}, and how they are named to clients. */
final class GrpcListening {
  private GrpcListening() {}

  /**
   * Reads them.
   *
   * @throws MalformedException if there are too many, or one is not named legally
   */
  static List<Entry> parse(JsonNode request) {
    JsonNode contexts = request.path("configListenContexts");
    if (contexts.size() > Listening.MAX_ENTRIES) {
      throw new MalformedException(
          "configListenContexts: too many (expected: at most " + Listening.MAX_ENTRIES + ")");
    }
    List<Entry> entries = new ArrayList<>(contexts.size());
    for (JsonNode context : contexts) {
      String md5 = GrpcMessage.text(context, "md5");
      entries.add(
          new Entry(key(context), spelling(context), md5.isEmpty() ? null : Md5.parse(md5)));
    }
    return entries;
  }

  /** Which config is meant. */
  static ConfigKey key(JsonNode json) {
    return new ConfigKey(
        GrpcMessage.text(json, "tenant"),
        GrpcMessage.text(json, "group"),
        GrpcMessage.text(json, "dataId"));
  }

  private static Spelling spelling(JsonNode json) {
    String tenant = GrpcMessage.find(json, "tenant");
    return tenant == null ? Spelling.ABSENT : tenant.isEmpty() ? Spelling.EMPTY : Spelling.NAMED;
  }

  /** Names a config as a client has spelt it. */
  static void name(ObjectNode json, ConfigKey key, Spelling spelling) {
    json.put("dataId", key.name()).put("group", key.group());
    if (spelling != Spelling.ABSENT) {
      json.put("tenant", spelling == Spelling.EMPTY ? "" : key.namespace());
    }
  }
}
