package io.posthaste.app;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.engine.rocksdb.RocksLog;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.Problem;
import io.posthaste.server.Response;
import io.posthaste.server.Route;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What a server does for whoever can read its {@link ControlFile}. */
final class Control {
  static final String BACKUP_PATH = "/control/backup";

  private final String expected;
  private final RocksLog log;

  Control(String secret, RocksLog log) {
    this.expected = "Bearer " + secret;
    this.log = log;
  }

  /**
   * {@code POST /control/backup} with an absolute path as its body: 200 when it is written, 409 if
   * something is there already.
   */
  Route route() {
    return Route.at(BACKUP_PATH).on("POST", this::backup).maxBody(4_096);
  }

  private void backup(Exchange exchange) {
    String shown = exchange.request().header("Authorization");
    if (shown == null || !isExpected(shown)) {
      Problem.of(
              401, "control: wrong secret (expected: the one in the data directory's control file)")
          .with("WWW-Authenticate", "Bearer")
          .answer(exchange);
      return;
    }
    Path target = target(exchange.request().body().toString(StandardCharsets.UTF_8).strip());
    if (target == null) {
      Problem.of(400, "backup: the body is no absolute path (expected: /where/to/write)")
          .answer(exchange);
      return;
    }
    Waiting waiting = new Waiting();
    exchange.hold(waiting);
    log.backup(target)
        .whenComplete(
            (done, failure) ->
                exchange.shard().loop().execute(() -> answer(exchange, waiting, target, failure)));
  }

  private boolean isExpected(String shown) {
    return MessageDigest.isEqual(
        shown.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable Path target(String text) {
    try {
      Path target = Path.of(text);
      return target.isAbsolute() ? target.normalize() : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static void answer(
      Exchange exchange, Waiting waiting, Path target, @Nullable Throwable failure) {
    if (waiting.gone) {
      return;
    }
    if (failure != null) {
      Throwable cause = failure.getCause();
      Throwable reason = failure instanceof CompletionException && cause != null ? cause : failure;
      int status = reason.getCause() instanceof DirectoryNotEmptyException ? 409 : 500;
      Problem.of(status, String.valueOf(reason.getMessage())).answer(exchange);
      return;
    }
    Response response =
        Response.of(
            200,
            Map.of("Content-Type", "text/plain; charset=utf-8"),
            ByteBufUtil.writeUtf8(exchange.alloc(), target + "\n"));
    exchange.respond(response);
    response.release();
  }

  /** The one who asked may leave; the backup is made all the same. */
  private static final class Waiting implements HoldListener {
    private boolean gone;

    @Override
    public void onGone() {
      gone = true;
    }

    @Override
    public void onHurry() {}
  }
}
