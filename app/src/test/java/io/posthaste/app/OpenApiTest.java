package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.server.Route;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.PathItem.HttpMethod;
import io.swagger.v3.oas.models.parameters.Parameter;
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
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description of the HTTP API is valid, and describes what there is and nothing else. */
final class OpenApiTest {
  /** For people, not for programs. */
  private static final List<String> PAGES = List.of("GET /", "GET /client/{}");

  private static final String CONFIG = "/v1/configs/{namespace}/{group}/{name}/";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path data;
  private PosthasteServer server;

  @BeforeEach
  void start() {
    server =
        PosthasteServer.start(
            Map.of(
                "data", List.of(data.toString()),
                "http", List.of("127.0.0.1:0"),
                "tcp", List.of("off")));
  }

  @AfterEach
  void end() {
    server.close();
  }

  @Test
  void describesEveryRouteOfTheServerAndNoOther() throws Exception {
    TreeSet<String> served = new TreeSet<>();
    for (Route route : server.routes()) {
      String path = route.path() + (route.isPrefix() ? "{}" : "");
      route.handlers().keySet().forEach(method -> served.add(method + " " + path));
    }
    PAGES.forEach(page -> assertThat(served.remove(page)).as(page).isTrue());

    assertThat(described(document())).isEqualTo(served);
  }

  /** Its route is a prefix: what is behind that the door tells apart by itself. */
  @Test
  void describesAllThatThereIsOfAConfigAndNothingElse() throws Exception {
    Map<String, PathItem> paths = new TreeMap<>(document().getPaths());
    paths.keySet().removeIf(path -> !path.startsWith(CONFIG));

    assertThat(expected(call("GET", filled(CONFIG + "nothing")), "NAME/", " or /"))
        .as("what a config has")
        .isEqualTo(names(paths));
    for (Map.Entry<String, PathItem> path : paths.entrySet()) {
      for (HttpMethod method :
          List.of(HttpMethod.GET, HttpMethod.PUT, HttpMethod.POST, HttpMethod.DELETE)) {
        String answer = call(method.name(), filled(path.getKey()));
        assertThat(!answer.contains("path: nothing is there"))
            .as("%s %s is answered: %s", method, path.getKey(), answer)
            .isEqualTo(path.getValue().readOperationsMap().containsKey(method));
      }
    }
    String act = CONFIG + "gray/{gray}/{action}";
    String refusal = call("POST", filled(act).replace("hold", "nothing"));
    assertThat(expected(refusal, "(expected: ", ", | or ")).isEqualTo(actions(paths.get(act)));
  }

  private static TreeSet<String> names(Map<String, PathItem> paths) {
    TreeSet<String> names = new TreeSet<>();
    paths.keySet().forEach(path -> names.add(path.substring(CONFIG.length()).split("/")[0]));
    return names;
  }

  private static TreeSet<String> actions(PathItem path) {
    TreeSet<String> actions = new TreeSet<>();
    for (Parameter parameter : path.getParameters()) {
      if (parameter.getName().equals("action")) {
        List<?> all = parameter.getSchema().getEnum();
        all.forEach(action -> actions.add(action.toString()));
      }
    }
    return actions;
  }

  private static String filled(String path) {
    return path.replace("{namespace}", "public")
        .replace("{group}", "G")
        .replace("{name}", "a")
        .replace("{gray}", "g")
        .replace("{action}", "hold");
  }

  /** What a refusal says would be right, from some words on to its bracket. */
  private static TreeSet<String> expected(String refusal, String from, String between) {
    String list = refusal.substring(refusal.indexOf(from) + from.length());
    return new TreeSet<>(List.of(list.substring(0, list.indexOf(')')).split(between)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + server.http().orElseThrow().getPort() + path));
  }

  private String call(String method, String path) throws Exception {
    HttpRequest.BodyPublisher body =
        method.equals("GET")
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString("{}");
    return HTTP.send(
            request(path).method(method, body).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private OpenAPI document() throws Exception {
    HttpResponse<String> answer =
        HTTP.send(request("/v1/openapi.yaml").build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/yaml");
    ParseOptions options = new ParseOptions();
    options.setResolve(true);
    SwaggerParseResult result =
        new OpenAPIV3Parser().readContents(answer.body(), List.of(), options);
    assertThat(result.getMessages()).isEmpty();
    assertThat(result.getOpenAPI().getOpenapi()).isEqualTo("3.1.0");
    return result.getOpenAPI();
  }

  private static TreeSet<String> described(OpenAPI api) {
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
