package io.posthaste.door.web;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigNamespace;
import io.posthaste.config.ConfigNamespaces;
import io.posthaste.config.Expected;
import io.posthaste.core.MalformedException;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.PercentCoding;
import io.posthaste.server.PublishRate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * {@code /v1/config-namespaces}: namespaces as things of their own. To see one needs {@code read}
 * on all its configs, to say something of one {@code administer}: a quota is for those who publish.
 */
final class NamespacesHandler {
  static final String PATH = "/v1/config-namespaces";

  private final ConfigNamespaces namespaces;
  private final PublishRate rate;

  NamespacesHandler(ConfigNamespaces namespaces, PublishRate rate) {
    this.namespaces = namespaces;
    this.rate = rate;
  }

  /** {@code GET}: those that may be seen. */
  void list(Exchange exchange, Session session) {
    Parameters.of(exchange.request(), Set.of());
    Answers.json(
        exchange,
        200,
        Map.of(),
        out ->
            NamespaceJson.write(
                out,
                namespaces.all().stream().filter(one -> maySee(session, one.name())).toList()));
  }

  private static boolean maySee(Session session, String name) {
    return session.mayAdminister() || session.mayRead(topics(name));
  }

  private static TopicPattern topics(String name) {
    return new TopicPattern(ConfigKey.PREFIX + name + "/#");
  }

  /** {@code GET …/NAME}: one. */
  void show(Exchange exchange, Session session) {
    String name = name(exchange);
    Optional<ConfigNamespace> found = namespaces.find(name);
    if (!maySee(session, name)) {
      Answers.problem(exchange, Refusal.unreadable(session, topics(name)));
    } else if (found.isEmpty()) {
      Answers.problem(exchange, absent(name));
    } else {
      ConfigNamespace namespace = found.get();
      Answers.json(
          exchange,
          200,
          namespace.id() == null ? Map.of() : Map.of("ETag", Answers.etag(namespace.id())),
          out -> NamespaceJson.write(out, namespace));
    }
  }

  private static Refusal absent(String name) {
    return Refusal.absent("there is no namespace \"" + name + "\" (expected: one of " + PATH + ")");
  }

  private static String name(Exchange exchange) {
    Parameters.of(exchange.request(), Set.of());
    String name = PercentCoding.decode(exchange.request().rawPath().substring(PATH.length() + 1));
    if (name.isEmpty()) {
      throw new MalformedException("path: no namespace (expected: " + PATH + "/NAME)");
    }
    ConfigNamespaces.check(name);
    return name;
  }

  /** {@code PUT …/NAME}: makes it, or says something else of it. */
  void put(Exchange exchange, Session session) {
    String name = name(exchange);
    NamespaceJson.Body body = body(exchange);
    if (mayChange(exchange, session)) {
      then(
          exchange,
          name,
          namespaces.put(
              name,
              body.title(),
              body.description(),
              body.quota(),
              who(exchange, session, body),
              Conditions.expected(exchange.request())));
    }
  }

  /** {@code DELETE …/NAME}: says nothing of it any more, if nothing is in it. */
  void remove(Exchange exchange, Session session) {
    String name = name(exchange);
    NamespaceJson.Body body = body(exchange);
    Expected expected = Conditions.expected(exchange.request());
    if (expected instanceof Expected.Absent) {
      throw new MalformedException("If-None-Match: to remove what must be absent has no meaning");
    }
    if (mayChange(exchange, session)) {
      then(exchange, name, namespaces.remove(name, who(exchange, session, body), expected));
    }
  }

  private static NamespaceJson.Body body(Exchange exchange) {
    return NamespaceJson.Body.parse(ByteBufUtil.getBytes(exchange.request().body()));
  }

  private static ConfigAttributes who(Exchange exchange, Session session, NamespaceJson.Body body) {
    return ConfigAttributes.NONE.by(
        session.author(""), exchange.client().getHostAddress(), body.comment());
  }

  private boolean mayChange(Exchange exchange, Session session) {
    if (!session.mayAdminister()) {
      Answers.problem(exchange, Refusal.notAdministrator(session));
      return false;
    }
    return rate.admits(exchange, session, 1, wait -> Answers.tooFast(exchange, wait));
  }

  private static void then(Exchange exchange, String name, CompletionStage<Changed> change) {
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        change,
        outcome -> answer(exchange, name, outcome),
        refusal -> Answers.problem(exchange, refusal));
  }

  private static void answer(Exchange exchange, String name, Changed outcome) {
    if (outcome instanceof Changed.Done done) {
      Answers.done(exchange, done.id(), done.timeMillis());
    } else if (outcome instanceof Changed.AbsentAlready) {
      Answers.empty(exchange, 204, Map.of());
    } else {
      Refusal refusal = Refusal.of(outcome);
      Answers.problem(exchange, refusal == null ? absent(name) : refusal);
    }
  }
}
