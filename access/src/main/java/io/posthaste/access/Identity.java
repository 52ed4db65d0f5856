package io.posthaste.access;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.MalformedException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Who somebody is.
 *
 * @param kind what kind of somebody
 * @param id the name by which grants are given; of all kinds together it is one's alone
 */
public record Identity(Kind kind, String id) {
  /** Whoever proves nothing. */
  public static final Identity ANONYMOUS = new Identity(Kind.ANONYMOUS, "anonymous");

  /** Whoever may read the server's own files, such as its control file. */
  public static final Identity OPERATOR = new Identity(Kind.OPERATOR, "operator");

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._@|~-]{1,128}");

  /** What kind of somebody. */
  public enum Kind {
    /** A person. */
    USER,
    /** A program. */
    SERVICE,
    /** A thing in the field. */
    DEVICE,
    /** Nobody that is known. */
    ANONYMOUS,
    /** Whoever runs the server. */
    OPERATOR;

    /** The kind as it is spelt in JSON and on the command line. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The kind of an account: user, service or device.
     *
     * @throws MalformedException if it is none of them
     */
    public static Kind ofAccount(String word) {
      for (Kind kind : new Kind[] {USER, SERVICE, DEVICE}) {
        if (kind.word().equals(word)) {
          return kind;
        }
      }
      throw new MalformedException(
          "kind: " + MalformedException.quote(word) + " (expected: user, service or device)");
    }
  }

  public Identity {
    requireNonNull(kind, "kind");
    requireNonNull(id, "id");
  }

  /**
   * Refuses what cannot be the id of an account.
   *
   * @throws MalformedException if it cannot
   */
  public static String checkId(String id) {
    if (!isId(id)) {
      throw new MalformedException(
          "id: "
              + MalformedException.quote(id)
              + " (expected: 1 to 128 of letters, digits and . _ @ | ~ -, and neither anonymous nor"
              + " operator)");
    }
    return id;
  }

  /** Whether somebody who proves who he is may have that id. */
  static boolean isId(String id) {
    return ID.matcher(id).matches() && !id.equals(ANONYMOUS.id()) && !id.equals(OPERATOR.id());
  }

  @Override
  public String toString() {
    return id;
  }
}
