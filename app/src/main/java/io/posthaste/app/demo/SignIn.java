package io.posthaste.app.demo;

import io.posthaste.server.Exchange;
import io.posthaste.server.Problem;
import io.posthaste.server.Route;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Sign-in by phone over HTTP. The desktop waits for the ticket's topic as for any other; the steps
 * are asked for here. Whatever is wrong with a code or a secret is answered alike: that it never
 * was, is too late, was scanned by another or used.
 */
final class SignIn {
  private static final int MOST_GUESSES = 20;
  private static final Duration ONE_GUESS_MORE = Duration.ofSeconds(3);
  private static final int MOST_TICKETS = 60;
  private static final Duration ONE_TICKET_MORE = Duration.ofSeconds(1);
  private static final int LARGEST_BODY = 1024;

  private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{22}");
  private static final String SECRET_FORM = "22 letters, digits, - and _";
  private static final Pattern NAME = Pattern.compile("[^\\p{C}]{0,32}");
  private static final Pattern PAGE =
      Pattern.compile("https?://[A-Za-z0-9.:\\[\\]-]{1,260}/demo/sign-in/phone/");

  private final Tickets tickets;
  private final Allowance guesses;
  private final Allowance making;

  SignIn(Tickets tickets, Clock clock) {
    this.tickets = tickets;
    this.guesses = new Allowance(MOST_GUESSES, ONE_GUESS_MORE, clock);
    this.making = new Allowance(MOST_TICKETS, ONE_TICKET_MORE, clock);
  }

  List<Route> routes() {
    return List.of(
        Route.at("/demo/sign-in/tickets").on("POST", this::make).maxBody(LARGEST_BODY),
        Route.at("/demo/sign-in/scan").on("POST", this::scan).maxBody(LARGEST_BODY),
        Route.at("/demo/sign-in/answer").on("POST", this::answer).maxBody(LARGEST_BODY),
        Route.at("/demo/sign-in/use").on("POST", this::use).maxBody(LARGEST_BODY));
  }

  private void make(Exchange exchange) {
    String page =
        Fields.of(exchange.request())
            .text("page", PAGE, "the address of the phone's page, /demo/sign-in/phone/");
    if (!making.take()) {
      Answers.tooMany(exchange, making, "tickets");
      return;
    }
    Answers.later(
        exchange,
        tickets.make(),
        made -> {
          // Behind #, so that no server and no log ever sees it.
          String link = page + "#" + made.code();
          QrPicture picture = QrPicture.of(link);
          Answers.send(
              exchange,
              201,
              Answers.json()
                  .put("code", made.code())
                  .put("secret", made.secret())
                  .put("link", link)
                  .put("topic", made.topic().name())
                  .put("id", made.id().toString())
                  .put("seconds", Tickets.LIFE.toSeconds())
                  .put("size", picture.size())
                  .put("path", picture.path()));
        });
  }

  private void scan(Exchange exchange) {
    String code = Fields.of(exchange.request()).text("code", SECRET, SECRET_FORM);
    guess(
        exchange,
        () -> tickets.scan(code),
        scanned -> Answers.send(exchange, 200, Answers.json().put("secret", scanned.secret())));
  }

  private void answer(Exchange exchange) {
    Fields fields = Fields.of(exchange.request());
    String code = fields.text("code", SECRET, SECRET_FORM);
    String secret = fields.text("secret", SECRET, SECRET_FORM);
    String as = fields.text("as", NAME, "a name of 32 characters at most, empty to refuse").strip();
    guess(exchange, () -> tickets.answer(code, secret, as), ticket -> tell(exchange, ticket));
  }

  private void use(Exchange exchange) {
    Fields fields = Fields.of(exchange.request());
    String code = fields.text("code", SECRET, SECRET_FORM);
    String secret = fields.text("secret", SECRET, SECRET_FORM);
    guess(exchange, () -> tickets.use(code, secret), ticket -> tell(exchange, ticket));
  }

  private static void tell(Exchange exchange, Ticket ticket) {
    Answers.send(
        exchange, 200, Answers.json().put("state", ticket.state().word()).put("as", ticket.as()));
  }

  /** Something that wants the right secret: who brings a wrong one may not do so often. */
  private <T> void guess(
      Exchange exchange, Supplier<CompletionStage<Optional<T>>> step, Consumer<T> right) {
    if (!guesses.take()) {
      Answers.tooMany(exchange, guesses, "wrong codes");
      return;
    }
    Answers.later(
        exchange,
        step.get(),
        found -> {
          if (found.isPresent()) {
            guesses.giveBack();
            right.accept(found.get());
          } else {
            Problem.of(404, "code: no sign-in waits for it (expected: a fresh one, scanned once)")
                .answer(exchange);
          }
        });
  }
}
