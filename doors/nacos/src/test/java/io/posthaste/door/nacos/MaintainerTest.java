package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.Expected;
import io.posthaste.config.NamespaceQuota;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Nacos' library for administrators against this server, all in one start of it. */
final class MaintainerTest {
  private static final long NO_LIMIT = NamespaceQuota.UNLIMITED;

  @Test
  void configsHistoriesAndNamespacesAreAdministered() throws Exception {
    try (NacosServer server = new NacosServer();
        Maintainer nacos = new Maintainer(server.place())) {
      state(nacos);
      namespaces(server, nacos);
      configs(nacos);
      history(nacos);
      clone(nacos);
      listeners(nacos);
    }
  }

  private static void state(Maintainer nacos) throws Exception {
    assertThat(nacos.call("getServerState").path("server").asText()).isEqualTo("posthaste");
    assertThat(nacos.call("liveness").asBoolean()).isTrue();
    assertThat(nacos.call("readiness").asBoolean()).isTrue();
    assertThatThrownBy(() -> nacos.call("getIdGenerators"))
        .hasMessageContaining("nothing is there");
  }

  private static void namespaces(NacosServer server, Maintainer nacos) throws Exception {
    assertThat(nacos.call("checkNamespaceIdExist", "shop").asBoolean()).isFalse();
    assertThat(nacos.call("createNamespace", "shop", "The shop", "what is sold").asBoolean())
        .isTrue();
    assertThat(nacos.call("checkNamespaceIdExist", "shop").asBoolean()).isTrue();
    assertThatThrownBy(() -> nacos.call("createNamespace", "shop", "Again", ""))
        .hasMessageContaining("is there");
    assertThat(nacos.call("updateNamespace", "shop", "Shop", "what was sold").asBoolean()).isTrue();
    var id = server.configs.namespaces().find("shop").orElseThrow().id();
    server
        .configs
        .namespaces()
        .put(
            "shop",
            "Shop",
            "what was sold",
            new NamespaceQuota(4, NO_LIMIT, NO_LIMIT),
            ConfigAttributes.NONE,
            new Expected.Version(id))
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
    JsonNode shop = nacos.call("getNamespace", "shop");
    assertThat(shop.path("namespace").asText()).isEqualTo("shop");
    assertThat(shop.path("namespaceShowName").asText()).isEqualTo("Shop");
    assertThat(shop.path("namespaceDesc").asText()).isEqualTo("what was sold");
    assertThat(shop.path("quota").asInt()).isEqualTo(4);
    assertThat(nacos.call("getNamespaceList").findValuesAsText("namespace"))
        .containsExactly("public", "shop");
  }

  private static boolean publish(Maintainer nacos, String name, String content) throws Exception {
    return nacos
        .call(
            "publishConfig",
            name,
            "G",
            "shop",
            content,
            "app",
            "ann",
            "t1,t2",
            "of " + name,
            "yaml")
        .asBoolean();
  }

  private static void configs(Maintainer nacos) throws Exception {
    assertThat(publish(nacos, "a.yaml", "price: 1")).isTrue();
    assertThat(publish(nacos, "b.yaml", "price: 2")).isTrue();
    JsonNode a = nacos.call("getConfig", "a.yaml", "G", "shop");
    assertThat(a.path("content").asText()).isEqualTo("price: 1");
    assertThat(a.path("namespaceId").asText()).isEqualTo("shop");
    assertThat(a.path("createUser").asText()).isEqualTo("ann");
    assertThat(a.path("configTags").asText()).isEqualTo("t1,t2");
    assertThat(a.path("type").asText()).isEqualTo("yaml");
    assertThatThrownBy(() -> nacos.call("getConfig", "none", "G", "shop"))
        .hasMessageContaining("config data not exist");

    assertThat(
            nacos.call("updateConfigMetadata", "a.yaml", "G", "shop", "prices", "t3").asBoolean())
        .isTrue();
    assertThat(nacos.call("getConfig", "a.yaml", "G", "shop").path("desc").asText())
        .isEqualTo("prices");

    JsonNode all = nacos.call("listConfigs", "shop");
    assertThat(all.path("totalCount").asInt()).isEqualTo(2);
    assertThat(all.path("pageItems").findValuesAsText("dataId"))
        .containsExactly("a.yaml", "b.yaml");
    assertThat(
            nacos
                .call(
                    "searchConfigByDetails",
                    "*",
                    "*",
                    "shop",
                    "blur",
                    "ice: 2",
                    null,
                    null,
                    null,
                    1,
                    10)
                .path("pageItems")
                .findValuesAsText("dataId"))
        .containsExactly("b.yaml");
    assertThat(
            nacos
                .call(
                    "searchConfigByDetails",
                    "*",
                    "*",
                    "shop",
                    "blur",
                    null,
                    "yaml",
                    "t3",
                    "app",
                    1,
                    10)
                .path("pageItems")
                .findValuesAsText("dataId"))
        .containsExactly("a.yaml");
    assertThat(nacos.call("getConfigListByNamespace", "shop").findValuesAsText("dataId"))
        .containsExactly("a.yaml", "b.yaml");

    assertThat(
            nacos
                .call(
                    "publishBetaConfig",
                    "a.yaml",
                    "G",
                    "shop",
                    "price: 9",
                    "",
                    "ann",
                    "",
                    "",
                    "yaml",
                    "10.0.0.1,10.0.0.2")
                .asBoolean())
        .isTrue();
    assertThat(nacos.call("queryBeta", "a.yaml", "G", "shop").path("content").asText())
        .isEqualTo("price: 9");
    assertThat(nacos.call("getConfig", "a.yaml", "G", "shop").path("content").asText())
        .isEqualTo("price: 1");
    assertThat(nacos.call("stopBeta", "a.yaml", "G", "shop").asBoolean()).isTrue();
    assertThatThrownBy(() -> nacos.call("queryBeta", "a.yaml", "G", "shop"))
        .hasMessageContaining("not exist");
  }

  private static void history(Maintainer nacos) throws Exception {
    publish(nacos, "a.yaml", "price: 3");
    JsonNode page = nacos.call("listConfigHistory", "a.yaml", "G", "shop", 1, 2);
    assertThat(page.path("totalCount").asInt()).isEqualTo(3);
    assertThat(page.path("pagesAvailable").asInt()).isEqualTo(2);
    JsonNode newest = page.path("pageItems").path(0);
    assertThat(newest.path("opType").asText()).isEqualTo("U");
    assertThat(newest.path("srcUser").asText()).isEqualTo("ann");
    Long id = newest.path("id").asLong();
    assertThat(
            nacos.call("getConfigHistoryInfo", "a.yaml", "G", "shop", id).path("content").asText())
        .isEqualTo("price: 3");
    assertThat(
            nacos
                .call("getPreviousConfigHistoryInfo", "a.yaml", "G", "shop", id)
                .path("content")
                .asText())
        .isEqualTo("price: 1");
    assertThatThrownBy(() -> nacos.call("getConfigHistoryInfo", "a.yaml", "G", "shop", 1L << 50))
        .hasMessageContaining("no such change");
  }

  private static void clone(Maintainer nacos) throws Exception {
    ArrayNode all = (ArrayNode) nacos.call("listConfigs", "shop").path("pageItems");
    Object a = nacos.make("ConfigCloneInfo", "{'configId':" + all.get(0).path("id") + "}");
    Object b =
        nacos.make(
            "ConfigCloneInfo",
            "{'configId':" + all.get(1).path("id") + ",'targetDataId':'c.yaml'}");
    Object overwrite = policy(a, "OVERWRITE");
    JsonNode done = nacos.call("cloneConfig", "other", List.of(a, b), "bob", overwrite);
    assertThat(done.path("succCount").asInt()).isEqualTo(2);
    assertThat(nacos.call("getConfig", "c.yaml", "G", "other").path("content").asText())
        .isEqualTo("price: 2");
    JsonNode skipped = nacos.call("cloneConfig", "other", List.of(a), "bob", policy(a, "SKIP"));
    assertThat(skipped.path("skipCount").asInt()).isEqualTo(1);

    // Over the quota of 4: two are there already, two more fit.
    for (int i = 0; i < 2; i++) {
      assertThat(publish(nacos, "more" + i, "v")).isTrue();
    }
    assertThatThrownBy(() -> publish(nacos, "toomuch", "v"))
        .hasMessageContaining("has 4 configs (expected: at most 4, by its quota)");
    assertThatThrownBy(() -> nacos.call("deleteNamespace", "shop"))
        .hasMessageContaining("has 4 configs (expected: none");

    Long stale = all.get(0).path("id").asLong();
    publish(nacos, "a.yaml", "price: 4");
    assertThatThrownBy(() -> nacos.call("deleteConfigs", List.of(stale)))
        .hasMessageContaining("of no config now");
    List<Long> ids =
        nacos.call("listConfigs", "shop").path("pageItems").findValues("id").stream()
            .map(JsonNode::asLong)
            .toList();
    assertThat(ids).hasSize(4);
    assertThat(nacos.call("deleteConfigs", ids).asBoolean()).isTrue();
    assertThat(nacos.call("deleteConfig", "a.yaml", "G", "shop").asBoolean()).isTrue();
    assertThat(nacos.call("deleteNamespace", "shop").asBoolean()).isTrue();
    assertThat(nacos.call("checkNamespaceIdExist", "shop").asBoolean()).isFalse();
  }

  private static Object policy(Object of, String name) throws Exception {
    Class<?> type =
        of.getClass()
            .getClassLoader()
            .loadClass("com.alibaba.nacos.api.config.model.SameConfigPolicy");
    return type.getMethod("valueOf", String.class).invoke(null, name);
  }

  private static void listeners(Maintainer nacos) throws Exception {
    assertThat(nacos.call("getListeners", "c.yaml", "G", "other", true).path("queryType").asText())
        .isEqualTo("config");
    assertThat(
            nacos
                .call("getAllSubClientConfigByIp", "127.0.0.1", true, "other", true)
                .path("listenersStatus")
                .size())
        .isZero();
  }
}
