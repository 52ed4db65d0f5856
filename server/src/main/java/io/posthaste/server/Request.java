package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as a handler sees it: parsed, within limits, its body complete. */
public interface Request {
  /** The method in capitals. */
  String method();

  /** The path as it was sent, still percent-encoded, without the query. */
  String rawPath();

  /** The query's parameters by name, decoded, each with its values in order. */
  Map<String, List<String>> query();

  /**
   * The value of a header, the first where there are several; null if it is absent. Names know no
   * case.
   */
  @Nullable String header(String name);

  /** All values of a header. */
  List<String> headers(String name);

  /** The body; borrowed until the exchange is answered. */
  ByteBuf body();
}
