package io.posthaste.door.apollo;

import io.posthaste.access.Access;
import io.posthaste.access.Credential;
import io.posthaste.access.Proved;
import io.posthaste.access.Session;
import io.posthaste.access.Signer;
import io.posthaste.access.SigningAlgorithm;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.Handler;
import io.posthaste.server.Request;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Who asks. Clients sign each request by the access key of their application, which here is a
 * signing key of the user of that name; users of the open API show a key as it is. Everything else
 * that any door takes is taken too.
 */
final class Sessions {
  private static final String SCHEME = "Apollo ";

  private final Guard guard;

  Sessions(Guard guard) {
    this.guard = guard;
  }

  /** A handler for clients. */
  Handler client(Guard.Guarded handler) {
    return guarded(handler, Sessions::signed);
  }

  /** A handler for users of the open API. */
  Handler user(Guard.Guarded handler) {
    return guarded(handler, Sessions::bare);
  }

  private Handler guarded(
      Guard.Guarded handler, Function<Request, Optional<Credential>> credential) {
    Handler usual = guard.guard(handler);
    return exchange -> {
      Access access = guard.access();
      if (access == null || !access.isSetUp()) {
        handler.handle(exchange, access == null ? Session.UNCHECKED : access.anybody());
        return;
      }
      Optional<Credential> shown;
      try {
        shown = credential.apply(exchange.request());
      } catch (MalformedException e) {
        Answers.error(exchange, 401, String.valueOf(e.getMessage()));
        return;
      }
      if (shown.isPresent()) {
        prove(exchange, access, shown.get(), handler);
      } else {
        usual.handle(exchange);
      }
    };
  }

  /** {@code Authorization: Apollo APP:SIGNATURE} and {@code Timestamp}. */
  private static Optional<Credential> signed(Request request) {
    String header = request.header("authorization");
    if (header == null || !header.startsWith(SCHEME)) {
      return Optional.empty();
    }
    int colon = header.lastIndexOf(':');
    String timestamp = request.header("timestamp");
    if (colon < SCHEME.length() || timestamp == null) {
      throw new MalformedException(
          "Authorization: incomplete (expected: Apollo APPID:SIGNATURE, and a Timestamp)");
    }
    String query = request.rawQuery();
    String text = timestamp + "\n" + request.rawPath() + (query.isEmpty() ? "" : "?" + query);
    try {
      return Optional.of(
          new Credential.Signed(
              new Signer.ByAnyKeyOf(header.substring(SCHEME.length(), colon)),
              SigningAlgorithm.HMAC_SHA1,
              text,
              header.substring(colon + 1),
              Long.parseLong(timestamp)));
    } catch (NumberFormatException e) {
      throw new MalformedException("Timestamp: no number (expected: milliseconds since 1970)");
    }
  }

  /** {@code Authorization: KEY}. */
  private static Optional<Credential> bare(Request request) {
    String header = request.header("authorization");
    return header == null || header.strip().indexOf(' ') >= 0
        ? Optional.empty()
        : Optional.of(Credential.ofToken(header.strip()));
  }

  private static void prove(
      Exchange exchange, Access access, Credential shown, Guard.Guarded handler) {
    CompletableFuture<Proved> proving =
        access.prove(shown, exchange.knownClient()).toCompletableFuture();
    if (proving.isDone()) {
      finish(exchange, proving.join(), handler);
    } else {
      proving.whenComplete(
          (proved, failure) -> exchange.resume(() -> finish(exchange, proving.join(), handler)));
    }
  }

  private static void finish(Exchange exchange, Proved proved, Guard.Guarded handler) {
    if (proved instanceof Proved.Admitted known) {
      Guard.admit(exchange, known.session(), handler);
    } else if (proved instanceof Proved.Refused refused) {
      Answers.error(exchange, 401, refused.reason());
    } else if (proved instanceof Proved.Busy || proved instanceof Proved.Delayed) {
      Answers.error(exchange, 429, "too much that was wrong was shown (expected: a retry later)");
    } else {
      Answers.error(exchange, 503, "who you are cannot be known now (expected: a retry)");
    }
  }
}
