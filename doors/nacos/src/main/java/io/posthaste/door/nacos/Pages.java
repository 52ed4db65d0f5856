package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Pages of a list, counted from 1. */
final class Pages {
  private Pages() {}

  static <T> List<T> page(List<T> all, int number, int size) {
    long from = Math.min(all.size(), (number - 1L) * size);
    long to = Math.min(all.size(), from + size);
    return all.subList((int) from, (int) to);
  }

  /** What is said of a page beside its items. */
  static ObjectNode json(int total, int number, int size) {
    return Answers.JSON
        .createObjectNode()
        .put("totalCount", total)
        .put("pageNumber", number)
        .put("pagesAvailable", (total + size - 1) / size);
  }
}
