package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.server.Route;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description of the HTTP API is valid, and describes what there is and nothing else. */
final class OpenApiTest {
  /** For people, not for programs. */
  private static final List<String> PAGES = List.of("GET /", "GET /client/{}");

  @TempDir private Path data;

  @Test
  void describesEveryRouteOfTheServerAndNoOther() throws Exception {
    try (PosthasteServer server =
        PosthasteServer.start(
            Map.of(
                "data", List.of(data.toString()),
                "http", List.of("127.0.0.1:0"),
                "tcp", List.of("off")))) {
      TreeSet<String> served = new TreeSet<>();
      for (Route route : server.routes()) {
        String path = route.path() + (route.isPrefix() ? "{}" : "");
        route.handlers().keySet().forEach(method -> served.add(method + " " + path));
      }
      PAGES.forEach(page -> assertThat(served.remove(page)).as(page).isTrue());

      assertThat(described(document(server))).isEqualTo(served);
    }
  }

  private static String document(PosthasteServer server) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:"
                                + server.http().orElseThrow().getPort()
                                + "/v1/openapi.yaml"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/yaml");
    return answer.body();
  }

  private static TreeSet<String> described(String document) {
    ParseOptions options = new ParseOptions();
    options.setResolve(true);
    SwaggerParseResult result = new OpenAPIV3Parser().readContents(document, List.of(), options);
    assertThat(result.getMessages()).isEmpty();
    OpenAPI api = result.getOpenAPI();
    assertThat(api.getOpenapi()).isEqualTo("3.1.0");
    TreeSet<String> described = new TreeSet<>();
    for (Map.Entry<String, PathItem> path : api.getPaths().entrySet()) {
      path.getValue()
          .readOperationsMap()
          .forEach(
              (method, operation) -> {
                assertThat(operation.getSummary()).as("%s %s", method, path.getKey()).isNotBlank();
                described.add(method + " " + path.getKey().replaceFirst("\\{.*", "{}"));
              });
    }
    return described;
  }
}
