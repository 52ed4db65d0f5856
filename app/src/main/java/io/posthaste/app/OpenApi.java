package io.posthaste.app;

import io.netty.buffer.Unpooled;
import io.posthaste.server.Exchange;
import io.posthaste.server.Response;
import io.posthaste.server.Route;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** The description of the HTTP API for programs: {@code docs/openapi.yaml}. */
final class OpenApi {
  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Type", "application/yaml",
          "Cache-Control", "no-cache",
          "X-Content-Type-Options", "nosniff");

  private final byte[] yaml;

  OpenApi() {
    try (InputStream in = OpenApi.class.getResourceAsStream("api/openapi.yaml")) {
      if (in == null) {
        throw new IllegalStateException("api/openapi.yaml is not on the class path");
      }
      yaml = in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("api/openapi.yaml cannot be read", e);
    }
  }

  Route route() {
    return Route.at("/v1/openapi.yaml").on("GET", this::answer);
  }

  private void answer(Exchange exchange) {
    Response response = Response.of(200, HEADERS, Unpooled.wrappedBuffer(yaml));
    exchange.respond(response);
    response.release();
  }
}
