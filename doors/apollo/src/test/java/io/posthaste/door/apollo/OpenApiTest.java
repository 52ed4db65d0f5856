package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ctrip.framework.apollo.openapi.client.ApolloOpenApiClient;
import com.ctrip.framework.apollo.openapi.client.exception.ApolloOpenApiException;
import com.ctrip.framework.apollo.openapi.dto.NamespaceReleaseDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenAppDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenAppNamespaceDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenClusterDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenCreateAppDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenEnvClusterDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenItemDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenNamespaceDTO;
import com.ctrip.framework.apollo.openapi.dto.OpenReleaseDTO;
import io.posthaste.config.ConfigKey;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The official client of the open API, 2.5.0, unmodified. */
final class OpenApiTest {
  private static final String APP = "shop";
  private static final String ENV = "DEV";
  private static final String CLUSTER = "default";
  private static final String NAMESPACE = "application";
  private static final ConfigKey KEY = new ConfigKey("", APP, "application.properties");

  private ApolloServer server;
  private ApolloOpenApiClient client;

  @BeforeEach
  void start() throws Exception {
    server = new ApolloServer();
    client = ApolloOpenApiClient.newBuilder().withPortalUrl(server.url()).withToken("any").build();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static OpenItemDTO item(String key, String value, @Nullable String comment) {
    OpenItemDTO item = new OpenItemDTO();
    item.setKey(key);
    item.setValue(value);
    item.setComment(comment);
    item.setDataChangeCreatedBy("ann");
    item.setDataChangeLastModifiedBy("bob");
    return item;
  }

  private OpenReleaseDTO release(String namespace, String title) {
    NamespaceReleaseDTO release = new NamespaceReleaseDTO();
    release.setReleaseTitle(title);
    release.setReleaseComment("because\nso");
    release.setReleasedBy("ann");
    return client.publishNamespace(APP, ENV, CLUSTER, namespace, release);
  }

  private String content() throws Exception {
    return server.configs.get(KEY).toCompletableFuture().get().orElseThrow().content().utf8();
  }

  private static int status(Throwable failure) {
    Throwable cause = failure;
    while (cause != null) {
      if (cause instanceof ApolloOpenApiException refused) {
        return refused.getStatus();
      }
      cause = cause.getCause();
    }
    throw new AssertionError("no refusal", failure);
  }

  @Test
  void editsReachNobodyBeforeTheyAreReleased() throws Exception {
    server.publish(KEY, "# shop's\n\n# net\nprice = 1\nold=x\n");
    client.createItem(APP, ENV, CLUSTER, NAMESPACE, item("a b/c", "äöü\n2", "why"));
    client.updateItem(APP, ENV, CLUSTER, NAMESPACE, item("price", "2", null));
    client.createOrUpdateItem(APP, ENV, CLUSTER, NAMESPACE, item("more", "3", ""));
    client.removeItem(APP, ENV, CLUSTER, NAMESPACE, "old", "ann");

    assertThat(content()).isEqualTo("# shop's\n\n# net\nprice = 1\nold=x\n");
    OpenItemDTO price = client.getItem(APP, ENV, CLUSTER, NAMESPACE, "price");
    assertThat(price.getValue()).isEqualTo("2");
    assertThat(price.getComment()).isEqualTo("net");
    assertThat(price.getDataChangeLastModifiedBy()).isEqualTo("bob");
    assertThat(client.getItem(APP, ENV, CLUSTER, NAMESPACE, "a b/c").getValue())
        .isEqualTo("äöü\n2");
    assertThat(client.getItem(APP, ENV, CLUSTER, NAMESPACE, "old")).isNull();
    assertThat(client.findItemsByNamespace(APP, ENV, CLUSTER, NAMESPACE, 0, 2).getTotal())
        .isEqualTo(3);
    String application = "/openapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application";
    String beyond = application + "/items?size=1000&page=" + Long.MAX_VALUE;
    assertThat(server.json(beyond).path("total").asInt()).isEqualTo(3);
    assertThat(server.json(application + "/diff").findValuesAsText("key"))
        .containsExactly("a b/c", "price", "more", "old");

    OpenReleaseDTO released = release(NAMESPACE, "second");
    assertThat(released.getConfigurations())
        .containsOnlyKeys("price", "a b/c", "more")
        .containsEntry("price", "2");
    assertThat(released.getName()).isEqualTo("second");
    assertThat(released.getComment()).isEqualTo("because so");
    assertThat(content())
        .isEqualTo("# shop's\n\n# net\nprice = 2\n# why\na\\ b/c=äöü\\n2\nmore=3\n");
    assertThat(client.getLatestActiveRelease(APP, ENV, CLUSTER, NAMESPACE).getId())
        .isEqualTo(released.getId());
    assertThat(release(NAMESPACE, "nothing new").getId()).isEqualTo(released.getId());
  }

  @Test
  void whatTwoChangeIsTheFirstOnesAndTheOtherIsTold() throws Exception {
    server.publish(KEY, "a=1\nb=1\n");
    client.updateItem(APP, ENV, CLUSTER, NAMESPACE, item("a", "5", null));
    server.publish(KEY, "a=1\nb=2\n"); // as by a Nacos client, of another key
    assertThat(release(NAMESPACE, "both").getConfigurations())
        .containsEntry("a", "5")
        .containsEntry("b", "2");

    client.updateItem(APP, ENV, CLUSTER, NAMESPACE, item("a", "6", null));
    server.publish(KEY, "a=7\nb=2\n");
    assertThatThrownBy(() -> release(NAMESPACE, "late"))
        .satisfies(failure -> assertThat(status(failure)).isEqualTo(409))
        .rootCause()
        .hasMessageContaining("somebody else has released since: \\\"a\\\" has another value");
    assertThat(content()).isEqualTo("a=7\nb=2\n");
    client.updateItem(APP, ENV, CLUSTER, NAMESPACE, item("a", "6", null)); // seen by now
    release(NAMESPACE, "agreed");
    assertThat(content()).isEqualTo("a=6\nb=2\n");
  }

  @Test
  void goesBackStepByStepAndToAVersionThatIsNamed() throws Exception {
    long[] ids = new long[3];
    for (int i = 0; i < 3; i++) {
      client.createOrUpdateItem(APP, ENV, CLUSTER, NAMESPACE, item("a", "" + i, null));
      ids[i] = release(NAMESPACE, "r" + i).getId();
    }
    client.rollbackRelease(ENV, ids[2], "ann");
    assertThat(content()).isEqualTo("a=1\n");
    OpenReleaseDTO latest = client.getLatestActiveRelease(APP, ENV, CLUSTER, NAMESPACE);
    client.rollbackRelease(ENV, latest.getId(), "ann");
    assertThat(content()).isEqualTo("a=0\n");
    latest = client.getLatestActiveRelease(APP, ENV, CLUSTER, NAMESPACE);
    long oldest = latest.getId();
    assertThatThrownBy(() -> client.rollbackRelease(ENV, oldest, "ann"))
        .satisfies(failure -> assertThat(status(failure)).isEqualTo(400));
    assertThatThrownBy(() -> client.rollbackRelease(ENV, ids[0], "ann"))
        .satisfies(failure -> assertThat(status(failure)).isEqualTo(400));
    String path =
        "/openapi/v1/envs/DEV/releases/%d/rollback?operator=ann&toReleaseId=%d"
            .formatted(oldest, ids[2]);
    var named = server.request(path).PUT(java.net.http.HttpRequest.BodyPublishers.ofString("null"));
    assertThat(ApolloServer.send(named.build()).statusCode()).isEqualTo(200);
    assertThat(content()).isEqualTo("a=2\n");
    String all =
        "/openapi/v1/envs/DEV/apps/shop/clusters/default/namespaces/application/releases/all";
    assertThat(server.json(all)).hasSize(6);
  }

  @Test
  void makesApplicationsClustersAndNamespaces() throws Exception {
    OpenAppDTO app = new OpenAppDTO();
    app.setAppId(APP);
    app.setName("The shop");
    app.setOrgId("FX");
    app.setOrgName("Exchange");
    app.setOwnerName("ann");
    app.setOwnerEmail("ann@example.org");
    OpenCreateAppDTO create = new OpenCreateAppDTO();
    create.setApp(app);
    client.createApp(create);
    assertThat(client.getAllApps()).extracting(OpenAppDTO::getName).containsExactly("The shop");
    assertThat(client.getAppsByIds(List.of(APP, "none"))).hasSize(1);
    assertThat(client.getAuthorizedApps()).hasSize(1);
    assertThat(client.getOrganizations()).hasSize(1);

    OpenClusterDTO cluster = new OpenClusterDTO();
    cluster.setAppId(APP);
    cluster.setName("sh");
    cluster.setDataChangeCreatedBy("ann");
    assertThat(client.createCluster(ENV, cluster).getName()).isEqualTo("sh");
    assertThat(client.getCluster(APP, ENV, "sh").getAppId()).isEqualTo(APP);
    List<OpenEnvClusterDTO> clusters = client.getEnvClusterInfo(APP);
    assertThat(clusters).extracting(OpenEnvClusterDTO::getEnv).containsExactly(ENV);
    assertThat(clusters.get(0).getClusters()).containsExactlyInAnyOrder("default", "sh");

    OpenAppNamespaceDTO shared = new OpenAppNamespaceDTO();
    shared.setAppId(APP);
    shared.setName("rates");
    shared.setPublic(true);
    shared.setDataChangeCreatedBy("ann");
    assertThat(client.createAppNamespace(shared).getName()).isEqualTo("FX.rates");
    OpenAppNamespaceDTO file = new OpenAppNamespaceDTO();
    file.setAppId(APP);
    file.setName("routes");
    file.setFormat("yaml");
    file.setDataChangeCreatedBy("ann");
    assertThat(client.createAppNamespace(file).getName()).isEqualTo("routes.yaml");
    assertThatThrownBy(() -> client.createAppNamespace(file))
        .satisfies(failure -> assertThat(status(failure)).isEqualTo(400));

    client.createItem(APP, ENV, CLUSTER, "routes.yaml", item("content", "a: 1\n", null));
    release("routes.yaml", "first");
    client.createItem(APP, ENV, CLUSTER, "FX.rates", item("eur", "1.1", null));
    release("FX.rates", "first");
    List<OpenNamespaceDTO> namespaces = client.getNamespaces(APP, ENV, CLUSTER, true);
    assertThat(namespaces)
        .extracting(OpenNamespaceDTO::getNamespaceName)
        .containsExactlyInAnyOrder("application", "FX.rates", "routes.yaml");
    OpenNamespaceDTO rates = client.getNamespace(APP, ENV, CLUSTER, "fx.RATES");
    assertThat(rates.isPublic()).isTrue();
    assertThat(client.getNamespaceLock(APP, ENV, CLUSTER, "application").isLocked()).isFalse();
    assertThat(client.getLatestActiveRelease(APP, ENV, CLUSTER, "application")).isNull();

    // who has no such namespace sees the public one
    assertThat(
            server
                .json("/configs/other/default/FX.rates")
                .path("configurations")
                .path("eur")
                .asText())
        .isEqualTo("1.1");
    assertThatThrownBy(() -> client.getNamespaces(APP, "PRO", CLUSTER))
        .satisfies(failure -> assertThat(status(failure)).isEqualTo(404));
  }
}
