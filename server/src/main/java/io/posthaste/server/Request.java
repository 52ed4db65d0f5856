package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request as a handler sees it: parsed, within limits, its body complete. */
public interface Request {
  /** The method in capitals. */
  String method();

  /** The path as it was sent, still percent-encoded, without the query. */
  String rawPath();

  /** The query as it was sent, still percent-encoded; empty if there is none. */
  String rawQuery();

  /** The query's parameters by name, decoded, each with its values in order. */
  Map<String, List<String>> query();

  /**
   * The value of a header, the first where there are several; null if it is absent. Names know no
   * case.
   */
  @Nullable String header(String name);

  /** All values of a header. */
  List<String> headers(String name);

  /**
   * A header that is a list of tokens (RFC 9110, 5.6.1), such as {@code Connection} or {@code
   * Sec-WebSocket-Protocol}: its parts in order, without spaces and empty ones.
   */
  default List<String> tokens(String name) {
    List<String> tokens = new ArrayList<>();
    for (String value : headers(name)) {
      for (String token : value.split(",")) {
        String trimmed = token.strip();
        if (!trimmed.isEmpty()) {
          tokens.add(trimmed);
        }
      }
    }
    return tokens;
  }

  /** Whether such a list has a token, whatever its case. */
  default boolean hasToken(String name, String token) {
    return tokens(name).stream().anyMatch(token::equalsIgnoreCase);
  }

  /**
   * What a reading makes of the head. Requests whose heads are equal may be given the same object
   * again, so it must be immutable, and made of nothing but method, path, query and headers.
   *
   * @param reading always the same object for the same reading
   */
  default <T> T understood(Function<Request, T> reading) {
    return reading.apply(this);
  }

  /** The body; borrowed until the exchange is answered. */
  ByteBuf body();
}
