package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Access;
import io.posthaste.access.Actor;
import io.posthaste.access.Administration;
import io.posthaste.access.Change;
import io.posthaste.access.Grant;
import io.posthaste.access.Identity;
import io.posthaste.access.Right;
import io.posthaste.access.Session;
import io.posthaste.core.MalformedException;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.HoldListener;
import io.posthaste.server.PercentCoding;
import io.posthaste.server.Route;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/access/…}: who may what, told and changed. For administrators, and for whoever can
 * read the server's control file; all but {@code whoami}, which is for everybody.
 */
final class AccessHandler {
  private static final String USERS = "/v1/access/users";
  private static final String KEYS = "/v1/access/keys";
  private static final String GRANTS = "/v1/access/grants";
  private static final int MAX_BODY_BYTES = 16 << 10;
  private static final String DOOR = "http";

  private final Access access;
  private final Administration administration;
  private final Guard guard;

  AccessHandler(Access access, Guard guard) {
    this.access = access;
    this.administration = new Administration(access);
    this.guard = guard;
  }

  List<Route> routes() {
    return List.of(
        Route.at("/v1/access/whoami").on("GET", guard.guard(NativeDoor.refusing(this::whoAmI))),
        Route.at(USERS)
            .on("GET", administrators((exchange, session) -> users(exchange)))
            .on("POST", administrators(this::addUser))
            .maxBody(MAX_BODY_BYTES),
        Route.under(USERS + "/")
            .on("PUT", administrators(this::setPassword))
            .on("DELETE", administrators(this::removeUser))
            .maxBody(MAX_BODY_BYTES),
        Route.at(KEYS)
            .on("GET", administrators((exchange, session) -> keys(exchange)))
            .on("POST", administrators(this::createKey))
            .maxBody(MAX_BODY_BYTES),
        Route.under(KEYS + "/").on("DELETE", administrators(this::revokeKey)),
        Route.at(GRANTS)
            .on("GET", administrators((exchange, session) -> grants(exchange)))
            .on("POST", administrators(this::grant))
            .on("DELETE", administrators(this::revoke))
            .maxBody(MAX_BODY_BYTES));
  }

  /**
   * Before anybody is known everybody may everything, but not make himself the first who is: only
   * the server's own files give that.
   */
  private io.posthaste.server.Handler administrators(Guard.Guarded handler) {
    return guard.guard(
        NativeDoor.refusing(
            (exchange, session) -> {
              if (!access.isSetUp() && session != access.operator()) {
                Answers.problem(
                    exchange,
                    Refusal.of(
                        Guard.unauthenticated(
                            "access is not set up (expected: ./posthaste user add NAME on the"
                                + " server's machine)")));
              } else if (!session.mayAdminister()) {
                Answers.problem(exchange, Refusal.notAdministrator(session));
              } else {
                handler.handle(exchange, session);
              }
            }));
  }

  private static Actor actor(Exchange exchange, Session session) {
    return new Actor(session.identity().id(), exchange.client().getHostAddress(), DOOR);
  }

  private static JsonFields body(Exchange exchange, Set<String> known) {
    Parameters.of(exchange.request(), Set.of());
    JsonFields fields = JsonFields.parse("body", ByteBufUtil.getBytes(exchange.request().body()));
    fields.only(known);
    return fields;
  }

  private static String named(Exchange exchange, String under) {
    Parameters.of(exchange.request(), Set.of());
    return PercentCoding.decode(exchange.request().rawPath().substring(under.length() + 1));
  }

  // ---- users ----

  private void whoAmI(Exchange exchange, Session session) {
    Parameters.of(exchange.request(), Set.of());
    Answers.json(
        exchange,
        200,
        Map.of(),
        out -> {
          ascii(out, "{\"id\":");
          JsonText.string(out, session.identity().id());
          ascii(out, ",\"kind\":\"" + session.identity().kind().word() + "\"");
          if (session.expiresMillis() != Session.NEVER) {
            ascii(out, ",\"expires\":");
            JsonText.time(out, session.expiresMillis());
          }
          ascii(
              out,
              access.isSetUp() ? ",\"setUp\":true,\"grants\":" : ",\"setUp\":false,\"grants\":");
          grants(out, session.grants());
          out.writeByte('}');
        });
  }

  private void users(Exchange exchange) {
    Parameters.of(exchange.request(), Set.of());
    Answers.json(
        exchange,
        200,
        Map.of(),
        out -> {
          ascii(out, "{\"users\":[");
          list(out, administration.accounts(), entry -> user(out, entry));
          ascii(out, "]}");
        });
  }

  private static void user(ByteBuf out, Administration.AccountEntry entry) {
    ascii(out, "{\"id\":");
    JsonText.string(out, entry.identity().id());
    ascii(out, ",\"kind\":\"" + entry.identity().kind().word() + "\",\"created\":");
    JsonText.time(out, entry.createdMillis());
    ascii(out, ",\"password\":" + entry.hasPassword());
    ascii(out, ",\"administrator\":" + entry.isAdministrator() + "}");
  }

  private void addUser(Exchange exchange, Session session) {
    JsonFields fields = body(exchange, Set.of("id", "kind", "password"));
    String kind = fields.string("kind");
    Identity identity =
        new Identity(
            kind == null ? Identity.Kind.USER : Identity.Kind.ofAccount(kind),
            fields.required("id"));
    change(
        exchange,
        administration.addAccount(actor(exchange, session), identity, fields.string("password")));
  }

  private void setPassword(Exchange exchange, Session session) {
    String id = named(exchange, USERS);
    JsonFields fields = body(exchange, Set.of("password"));
    change(
        exchange,
        administration.setPassword(actor(exchange, session), id, fields.required("password")));
  }

  private void removeUser(Exchange exchange, Session session) {
    change(
        exchange, administration.removeAccount(actor(exchange, session), named(exchange, USERS)));
  }

  // ---- keys ----

  private void keys(Exchange exchange) {
    Parameters.of(exchange.request(), Set.of());
    Answers.json(
        exchange,
        200,
        Map.of(),
        out -> {
          ascii(out, "{\"keys\":[");
          list(out, administration.keys(), entry -> key(out, entry));
          ascii(out, "]}");
        });
  }

  private static void key(ByteBuf out, Administration.KeyEntry entry) {
    ascii(out, "{\"key\":");
    JsonText.string(out, entry.key());
    ascii(out, ",\"user\":");
    JsonText.string(out, entry.owner());
    ascii(out, ",\"name\":");
    JsonText.string(out, entry.name());
    ascii(out, ",\"signing\":" + entry.isSigning() + ",\"created\":");
    JsonText.time(out, entry.createdMillis());
    if (entry.expiresMillis() != Session.NEVER) {
      ascii(out, ",\"expires\":");
      JsonText.time(out, entry.expiresMillis());
    }
    out.writeByte('}');
  }

  private void createKey(Exchange exchange, Session session) {
    JsonFields fields = body(exchange, Set.of("user", "name", "expires", "signing"));
    String user = fields.required("user");
    String name = fields.required("name");
    String text = fields.string("expires");
    long expires = text == null ? Session.NEVER : time(text);
    Actor by = actor(exchange, session);
    change(
        exchange,
        fields.isTrue("signing")
            ? administration.createSigningKey(by, user, name, expires)
            : administration.createKey(by, user, name, expires));
  }

  private static long time(String text) {
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      return time.toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw new MalformedException(
          "expires: not a time (expected: RFC 3339, as in 2027-01-31T00:00:00Z)");
    }
  }

  private void revokeKey(Exchange exchange, Session session) {
    change(exchange, administration.revokeKey(actor(exchange, session), named(exchange, KEYS)));
  }

  // ---- grants ----

  private void grants(Exchange exchange) {
    Parameters.of(exchange.request(), Set.of());
    Answers.json(
        exchange,
        200,
        Map.of(),
        out -> {
          ascii(out, "{\"grants\":[");
          list(
              out,
              List.copyOf(administration.grants().entrySet()),
              entry -> {
                ascii(out, "{\"user\":");
                JsonText.string(out, entry.getKey());
                ascii(out, ",\"grants\":");
                grants(out, entry.getValue());
                out.writeByte('}');
              });
          ascii(out, "]}");
        });
  }

  private static void grants(ByteBuf out, List<Grant> grants) {
    out.writeByte('[');
    list(
        out,
        grants,
        grant -> {
          ascii(out, "{\"right\":\"" + grant.right().word() + "\",\"pattern\":");
          JsonText.string(out, grant.pattern().text());
          out.writeByte('}');
        });
    out.writeByte(']');
  }

  private void grant(Exchange exchange, Session session) {
    JsonFields fields = body(exchange, Set.of("user", "right", "pattern"));
    change(
        exchange,
        administration.grant(actor(exchange, session), fields.required("user"), grant(fields)));
  }

  private void revoke(Exchange exchange, Session session) {
    JsonFields fields = body(exchange, Set.of("user", "right", "pattern"));
    change(
        exchange,
        administration.revoke(actor(exchange, session), fields.required("user"), grant(fields)));
  }

  private static Grant grant(JsonFields fields) {
    return new Grant(
        Right.of(fields.required("right")), TopicPattern.ofUrl(fields.required("pattern")));
  }

  // ---- answers ----

  private static void change(Exchange exchange, CompletionStage<Change> change) {
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        change,
        became -> answer(exchange, became),
        refusal -> Answers.problem(exchange, refusal));
  }

  private static void answer(Exchange exchange, Change became) {
    Refusal refusal = refusal(became);
    if (refusal != null) {
      Answers.problem(exchange, refusal);
    } else if (became instanceof Change.AccountMade made) {
      Answers.json(
          exchange,
          201,
          Map.of(),
          out -> ascii(out, "{\"administrator\":" + made.isAdministrator() + "}"));
    } else if (became instanceof Change.KeyMade made) {
      Answers.json(
          exchange,
          201,
          Map.of(),
          out -> {
            ascii(out, "{\"key\":");
            JsonText.string(out, made.key());
            ascii(out, ",\"secret\":");
            JsonText.string(out, made.text());
            out.writeByte('}');
          });
    } else {
      Answers.empty(exchange, 204, Map.of());
    }
  }

  private static @Nullable Refusal refusal(Change became) {
    if (became instanceof Change.Exists exists) {
      return new Refusal(409, "exists", exists.detail());
    }
    if (became instanceof Change.Unknown unknown) {
      return Refusal.absent(unknown.detail());
    }
    if (became instanceof Change.LastAdministrator last) {
      return new Refusal(409, "lastAdministrator", last.detail());
    }
    if (became instanceof Change.NoAdministratorYet first) {
      return new Refusal(409, "noAdministratorYet", first.detail());
    }
    if (became instanceof Change.Unavailable unavailable) {
      return new Refusal(503, "unavailable", unavailable.detail());
    }
    return null;
  }

  private static <T> void list(ByteBuf out, List<T> items, Consumer<T> writer) {
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        out.writeByte(',');
      }
      writer.accept(items.get(i));
    }
  }
}
