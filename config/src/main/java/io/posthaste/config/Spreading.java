package io.posthaste.config;

import io.posthaste.core.Id;
import org.jspecify.annotations.Nullable;

/**
 * How a version of a config spreads among those who listen.
 *
 * @param id the version, or a deletion
 * @param md5 of its content; null for a deletion
 * @param publishedMillis when it was published, in milliseconds since 1970
 * @param told how long after that instances were told of it
 * @param had how long after that instances had it that had another before: fetched or confirmed
 */
public record Spreading(Id id, @Nullable Md5 md5, long publishedMillis, Curve told, Curve had) {
  /**
   * A curve: who came when, in milliseconds. The half and the 99 % are at most an eighth too late.
   *
   * @param count how many
   * @param first when the first of them; 0 if there is none
   * @param half when half of them
   * @param most when 99 % of them
   * @param last when the last of them
   */
  public record Curve(int count, int first, int half, int most, int last) {
    static Curve of(Spread spread) {
      return new Curve(
          spread.count(), spread.first(), spread.within(50), spread.within(99), spread.last());
    }
  }
}
