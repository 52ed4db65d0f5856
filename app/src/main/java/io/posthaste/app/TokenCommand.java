package io.posthaste.app;

import io.posthaste.access.Grant;
import io.posthaste.access.Right;
import io.posthaste.access.TokenMint;
import io.posthaste.access.TokenOptions;
import io.posthaste.core.MalformedException;
import io.posthaste.core.TopicPattern;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a signed token, to try with what an issuer of one's own will do. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a signed token (JWT) to try with, and prints it, alone on standard output. It may what is"
          + " granted to ID, and what is granted here. It cannot be revoked: let it be short.",
      "It is signed with the secret of --jwt-secret, which the server must have too; without one, with"
          + " DATA/jwt-secret, which is made at first use."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold export POSTHASTE_KEY=$(./posthaste token alice --read 'inbox/{id}/#')|@",
      "  @|bold ./posthaste token till-7 --publish 'sales/{id}' --ttl 8h --jwt-secret secret|@"
    })
final class TokenCommand implements Callable<Integer> {
  /** Those of the settings of {@code serve} that say which tokens a server believes. */
  static final List<Setting> SETTINGS =
      List.of(
          Setting.DATA,
          Setting.JWT_SECRET,
          Setting.JWT_ALGORITHM,
          Setting.JWT_ISSUER,
          Setting.JWT_AUDIENCE);

  private static final String OWN_SECRET = "jwt-secret";

  @Parameters(
      paramLabel = "ID",
      description = "Whom it speaks for; nobody need have made him known.")
  private String id = "";

  @Option(names = "--read", paramLabel = "PATTERN", description = "What it may read besides.")
  private List<String> read = new ArrayList<>();

  @Option(
      names = "--publish",
      paramLabel = "PATTERN",
      description = "Where it may publish besides.")
  private List<String> publish = new ArrayList<>();

  @Option(names = "--administer", paramLabel = "PATTERN", description = "Both; '#' for everything.")
  private List<String> administer = new ArrayList<>();

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      defaultValue = "1h",
      description = "For how long it holds, up to 30d (default: ${DEFAULT-VALUE}).")
  private String ttl = "1h";

  @Mixin private ConfigOption config = new ConfigOption();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    Settings settings = Settings.of(config.read(spec));
    TokenOptions believed = settings.tokens();
    Path own = settings.data().resolve(OWN_SECRET);
    boolean isOwn = believed == null;
    TokenOptions options =
        believed == null ? TokenOptions.of(new TokenOptions.SharedSecret(own)) : believed;
    Duration life = life(ttl);
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    try {
      if (isOwn) {
        make(own);
      }
      String token = TokenMint.mint(options, id, grants(), life, now);
      explain(now.plus(life), isOwn ? " and --jwt-secret " + own : "");
      PrintWriter out = spec.commandLine().getOut();
      out.println(token);
      out.flush();
      return 0;
    } catch (MalformedException e) {
      throw CommandFailure.misuse(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new CommandFailure(
          (isOwn ? own : "--jwt-secret")
              + ": "
              + Reasons.of(e)
              + " (expected: a file with 32 bytes or more, at random)");
    }
  }

  private List<Grant> grants() {
    List<Grant> grants = new ArrayList<>();
    read.forEach(pattern -> grants.add(new Grant(Right.READ, TopicPattern.ofUrl(pattern))));
    publish.forEach(pattern -> grants.add(new Grant(Right.PUBLISH, TopicPattern.ofUrl(pattern))));
    administer.forEach(
        pattern -> grants.add(new Grant(Right.ADMINISTER, TopicPattern.ofUrl(pattern))));
    return grants;
  }

  private static Duration life(String text) {
    try {
      return Settings.time(KeyCommand.hours(text));
    } catch (IllegalArgumentException e) {
      throw CommandFailure.misuse("--ttl: " + text + " (expected: a time such as 10m, 1h or 7d)");
    }
  }

  private static void make(Path secret) throws IOException {
    Files.createDirectories(secret.getParent());
    try {
      ControlFile.createForOwner(secret);
    } catch (FileAlreadyExistsException e) {
      return;
    }
    Files.writeString(secret, TokenMint.newSecret() + "\n");
  }

  private void explain(Instant until, String believing) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("a token of " + id + ", until " + until + "; to try it, with it in $TOKEN:");
    err.println(
        "  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8080/v1/access/whoami");
    err.println(
        "A server believes it once somebody is known to it (./posthaste user add NAME)"
            + (believing.isEmpty()
                ? "."
                : "," + believing.replaceFirst(" and", "") + " is given."));
    err.flush();
  }
}
