package io.posthaste.door.web;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Expected;
import io.posthaste.config.GrayKey;
import io.posthaste.config.GrayReleases;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.PublishRate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * {@code …/gray}: the versions of a config that some instances see before others. To see them needs
 * {@code read} on the config's topic, to change them {@code publish}.
 */
final class GrayResource implements ConfigResource {
  private final GrayReleases grays;
  private final PublishRate rate;

  GrayResource(GrayReleases grays, PublishRate rate) {
    this.grays = grays;
    this.rate = rate;
  }

  @Override
  public void handle(Exchange exchange, Session session, ConfigKey key, List<String> rest) {
    Parameters.of(exchange.request(), Set.of());
    String method = exchange.request().method();
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (reads ? !session.mayRead(key.topic()) : !session.mayPublish(key.topic())) {
      String right = reads ? "read" : "publish";
      Answers.problem(exchange, Refusal.forbidden(session, right + " on \"" + key.topic() + "\""));
    } else if (rest.isEmpty() && reads) {
      list(exchange, key);
    } else if (rest.size() == 1 && reads) {
      show(exchange, new GrayKey(key, rest.get(0)));
    } else if (rest.size() == 1 && !method.equals("POST")
        || rest.size() == 2 && method.equals("POST")) {
      change(exchange, session, new GrayKey(key, rest.get(0)), rest.size() == 1 ? "" : rest.get(1));
    } else {
      throw new MalformedException(
          "path: nothing is there for "
              + method
              + " (expected: GET …/gray, GET, PUT or DELETE …/gray/NAME, or POST …/gray/NAME/ACTION)");
    }
  }

  private void list(Exchange exchange, ConfigKey key) {
    Answers.json(exchange, 200, Map.of(), out -> GrayJson.write(out, grays.of(key)));
  }

  private void show(Exchange exchange, GrayKey key) {
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        grays.get(key),
        found -> {
          if (found.isPresent()) {
            Answers.json(
                exchange,
                200,
                Map.of("ETag", Answers.etag(found.get().version().id())),
                out -> GrayJson.write(out, found.get()));
          } else {
            Answers.problem(exchange, absent(key));
          }
        },
        refusal -> Answers.problem(exchange, refusal));
  }

  private void change(Exchange exchange, Session session, GrayKey key, String action) {
    GrayBody body = GrayBody.parse(ByteBufUtil.getBytes(exchange.request().body()));
    Expected expected = Conditions.expected(exchange.request());
    ConfigAttributes who =
        ConfigAttributes.NONE.by(
            session.author(""), exchange.client().getHostAddress(), body.comment());
    if (!rate.admits(exchange, session, 1, wait -> Answers.tooFast(exchange, wait))) {
      return;
    }
    boolean deletes = exchange.request().method().equals("DELETE");
    CompletionStage<Changed> change =
        action.isEmpty()
            ? deletes ? abort(key, body, who, expected) : start(key, body, who, expected)
            : act(action, key, body, who, expected);
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        change,
        outcome -> answer(exchange, key, outcome),
        refusal -> Answers.problem(exchange, refusal));
  }

  private CompletionStage<Changed> start(
      GrayKey key, GrayBody body, ConfigAttributes who, Expected expected) {
    return grays.start(
        key,
        body.content(),
        body.attributes(who),
        body.rule(),
        body.stages(),
        body.every(),
        expected);
  }

  private CompletionStage<Changed> abort(
      GrayKey key, GrayBody body, ConfigAttributes who, Expected expected) {
    body.only("comment");
    return grays.abort(key, who, expected);
  }

  private CompletionStage<Changed> act(
      String action, GrayKey key, GrayBody body, ConfigAttributes who, Expected expected) {
    switch (action) {
      case "rule" -> {
        body.only("comment", "rule");
        return grays.rule(key, body.rule(), who, expected);
      }
      case "promote" -> {
        body.only("comment", "over");
        return grays.promote(key, who, expected, body.isOver());
      }
      case "step" -> {
        body.only("comment");
        return grays.step(key, who, expected);
      }
      case "hold" -> {
        body.only("comment");
        return grays.hold(key, who, expected);
      }
      case "resume" -> {
        body.only("comment");
        return grays.resume(key, who, expected);
      }
      default ->
          throw new MalformedException(
              "action: "
                  + MalformedException.quote(action)
                  + " (expected: rule, step, promote, hold or resume)");
    }
  }

  private static Refusal absent(GrayKey key) {
    return Refusal.absent("there is no gray version \"" + key + "\" (expected: one of …/gray)");
  }

  private static void answer(Exchange exchange, GrayKey key, Changed outcome) {
    if (outcome instanceof Changed.Done done) {
      Answers.done(exchange, done.id(), done.timeMillis());
    } else if (outcome instanceof Changed.AbsentAlready) {
      Answers.empty(exchange, 204, Map.of());
    } else {
      Refusal refusal = Refusal.of(outcome);
      Answers.problem(exchange, refusal == null ? absent(key) : refusal);
    }
  }
}
