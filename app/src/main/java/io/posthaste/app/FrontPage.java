package io.posthaste.app;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.server.Exchange;
import io.posthaste.server.Request;
import io.posthaste.server.Response;
import io.posthaste.server.Route;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What {@code GET /} says: that this is Posthaste, and what to try. A page for browsers, JSON for
 * programs that ask for it, else text for terminals.
 */
final class FrontPage {
  private static final Pattern PLAIN_HOST = Pattern.compile("[A-Za-z0-9.:\\[\\]-]{1,260}");

  private final Form page = Form.of("front.html", "text/html");
  private final Form json = Form.of("front.json", "application/json");
  private final Form text = Form.of("front.txt", "text/plain");

  /** A text with {@code {url}} in it where the server's own address belongs. */
  private record Form(String template, String type, String contentPolicy) {
    static Form of(String name, String type) {
      try (InputStream in = FrontPage.class.getResourceAsStream("front/" + name)) {
        if (in == null) {
          throw new IllegalStateException("front/" + name + " is not on the class path");
        }
        String template = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        return new Form(
            template.replace("{version}", VersionCommand.version()), type, policy(template));
      } catch (IOException e) {
        throw new IllegalStateException("front/" + name + " cannot be read", e);
      }
    }

    /** Lets the page have its one style, by the style's digest, and nothing else. */
    private static String policy(String template) {
      int begin = template.indexOf("<style>");
      String style =
          begin < 0
              ? "'none'"
              : "'sha256-" + digest(between(template, begin + 7, "</style>")) + "'";
      return "default-src 'none'; style-src "
          + style
          + "; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    private static String between(String text, int from, String end) {
      return text.substring(from, text.indexOf(end, from));
    }

    private static String digest(String text) {
      try {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        return Base64.getEncoder()
            .encodeToString(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("a JDK without SHA-256", e);
      }
    }

    Response response(Exchange exchange) {
      String body = template.replace("{url}", url(exchange));
      Map<String, String> headers =
          Map.of(
              "Content-Type", type.equals("application/json") ? type : type + "; charset=utf-8",
              "Cache-Control", "no-store",
              "Vary", "Accept, X-Forwarded-Proto",
              "Content-Security-Policy", contentPolicy,
              "X-Content-Type-Options", "nosniff",
              "Referrer-Policy", "no-referrer");
      return Response.of(200, headers, ByteBufUtil.writeUtf8(exchange.alloc(), body));
    }
  }

  Route route() {
    return Route.at("/").on("GET", this::answer);
  }

  private void answer(Exchange exchange) {
    Response response = wanted(exchange.request()).response(exchange);
    exchange.respond(response);
    response.release();
  }

  /** A browser names HTML before all else, a program JSON; {@code curl} takes anything. */
  private Form wanted(Request request) {
    for (String range : request.tokens("Accept")) {
      switch (range.split(";", 2)[0].strip().toLowerCase(Locale.ROOT)) {
        case "text/html" -> {
          return page;
        }
        case "application/json" -> {
          return json;
        }
        case "text/plain" -> {
          return text;
        }
        default -> {
          // the next one may be known
        }
      }
    }
    return text;
  }

  /** The address that the client used, so that what is shown can be pasted as it stands. */
  private static String url(Exchange exchange) {
    Request request = exchange.request();
    String host = request.header("Host");
    boolean secure =
        exchange.isSecure() || "https".equalsIgnoreCase(request.header("X-Forwarded-Proto"));
    return (secure ? "https://" : "http://")
        + (host != null && PLAIN_HOST.matcher(host).matches() ? host : "127.0.0.1:8080");
  }
}
