package io.posthaste.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.ClientCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Whatever is shown to prove who somebody is: nobody is admitted by it but by a token that is
 * rightly signed, and he to nothing of the server's own. The first byte of an input says what the
 * rest is.
 */
public final class CredentialTarget {
  private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(ISO_8859_1);
  private static final Access ACCESS = access();

  private CredentialTarget() {}

  private static Access access() {
    try {
      Path file = Files.createTempFile("secret", "");
      Files.write(file, SECRET);
      file.toFile().deleteOnExit();
      TokenOptions tokens = TokenOptions.of(new TokenOptions.SharedSecret(file));
      Hub hub = new Hub(new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT)));
      Access access = new Access(hub, AccessOptions.DEFAULT.withTokens(tokens));
      get(access.whole());
      Identity root = new Identity(Identity.Kind.USER, "root");
      get(new Administration(access).addAccount(new Actor("fuzz", "", "fuzz"), root, null));
      return access;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String text = new String(input, 1, input.length - 1, ISO_8859_1);
    try {
      switch (input[0]) {
        case 't' -> refused(new Credential.Ticket(text));
        case 'c' -> claims(text);
        case 's' -> subject(text);
        case 'g' -> refused(signed(text, new Signer.ByAnyKeyOf("root")));
        case 'k' -> refused(signed(text, new Signer.ByKey(text)));
        case 'b' -> refused(Credential.ofToken(text)); // as a WebSocket's auth shows it
        default -> refused(Credential.ofHeader(text)); // as TCP's Hello does too
      }
    } catch (MalformedException e) {
      check(String.valueOf(e.getMessage()));
    }
  }

  private static void refused(Credential shown) {
    String told = shown.toString();
    if (shown instanceof Credential.Key key && key.secret().length() > 20) {
      require(!told.contains(key.secret()), told);
    }
    if (shown instanceof Credential.Password) {
      require(told.equals("Password[]"), told);
      return; // each costs a hash: its parsing is what is meant here
    }
    if (get(ACCESS.prove(shown, null)) instanceof Proved.Refused refused) {
      check(refused.reason());
    } else {
      throw new AssertionError("let in by " + shown);
    }
  }

  /** As clients of Apollo and Nacos sign their requests. */
  private static Credential signed(String text, Signer signer) {
    return new Credential.Signed(
        signer, SigningAlgorithm.HMAC_SHA1, text, text, System.currentTimeMillis());
  }

  /** What a trusted issuer might say. */
  private static void claims(String claims) {
    JWSObject token =
        new JWSObject(new JWSHeader(JWSAlgorithm.HS256), new Payload(claims.getBytes(ISO_8859_1)));
    try {
      token.sign(new MACSigner(SECRET));
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
    Proved proved = get(ACCESS.prove(new Credential.Token(token.serialize()), null));
    if (proved instanceof Proved.Refused refused) {
      check(refused.reason());
      return;
    }
    Session session = ((Proved.Admitted) proved).session();
    require(Identity.isId(session.identity().id()), session.toString());
    require(session.expiresMillis() > System.currentTimeMillis() - 1_000, "expired");
    for (String own : List.of("$access/users/root", "$access/#", "$tickets/+", "$access")) {
      require(!session.mayRead(new TopicPattern(own)), own);
    }
    require(!session.mayPublish(new Topic("$access/administrators")), "may publish");
  }

  /** What a certificate says, which its authority has signed whatever it is. */
  private static void subject(String text) {
    String name = new ClientCertificate(text, "").commonName();
    require(name.isEmpty() || text.toUpperCase(Locale.ROOT).contains("CN"), text);
    if (ACCESS.proved(name) instanceof Proved.Admitted admitted) {
      require(
          Identity.isId(name) && !admitted.session().mayAdminister() || name.equals("root"), name);
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static void check(String reason) {
    boolean isLine = !reason.isBlank() && reason.chars().noneMatch(c -> c < ' ');
    require(isLine && reason.getBytes(UTF_8).length < 3_000, "refusal: " + reason);
  }
}
