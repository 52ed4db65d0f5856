package io.posthaste.config;

import io.posthaste.core.Admission;
import io.posthaste.core.Appended;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much a namespace holds, and what is on its way into it: a publication is counted from when it
 * is admitted, so that of two for which there is room for one, one is refused.
 *
 * <pre>
 *   admitted ──▶ claimed ──▶ stored ──▶ heard of by the index, which counts it; the claim is over
 *                   └──▶ refused or failed; the claim is over
 * </pre>
 *
 * <p>Thread-safe.
 */
final class NamespaceUse {
  /** As a size: there is no config. */
  static final int ABSENT = -1;

  /** A publication on its way. */
  private static final class Claim {
    final int size;
    long stored = Long.MAX_VALUE; // its sequence, once it is known
    long heard; // of the config, since the claim

    Claim(int size) {
      this.size = size;
    }

    boolean isOver() {
      return heard >= stored;
    }
  }

  /** A config to which something is on its way. Of several the largest counts: one will stand. */
  private static final class Pending {
    final List<Claim> claims = new ArrayList<>(1);
    int before;

    Pending(int before) {
      this.before = before;
    }

    int moreConfigs() {
      return claims.isEmpty() || before != ABSENT ? 0 : 1;
    }

    long moreBytes() {
      return Math.max(0, largest() - Math.max(0, before));
    }

    private int largest() {
      return claims.stream().mapToInt(claim -> claim.size).max().orElse(0);
    }
  }

  private final String name;
  private final Map<ConfigKey, Pending> pending = new HashMap<>(0);
  private long configs;
  private long bytes;
  private long claimedConfigs;
  private long claimedBytes;

  NamespaceUse(String name) {
    this.name = name;
  }

  synchronized long configs() {
    return configs;
  }

  synchronized long bytes() {
    return bytes;
  }

  /**
   * A config has become another.
   *
   * @param sequence of its version
   * @param before its size, or {@link #ABSENT}
   * @param after its size, or {@link #ABSENT}
   */
  synchronized void changed(ConfigKey key, long sequence, int before, int after) {
    configs += count(after) - count(before);
    bytes += Math.max(0, after) - Math.max(0, before);
    Pending there = pending.get(key);
    if (there != null) {
      uncount(there);
      there.before = after;
      there.claims.forEach(claim -> claim.heard = Math.max(claim.heard, sequence));
      there.claims.removeIf(Claim::isOver);
      countAgain(key, there);
    }
  }

  private static int count(int size) {
    return size == ABSENT ? 0 : 1;
  }

  private void uncount(Pending there) {
    claimedConfigs -= there.moreConfigs();
    claimedBytes -= there.moreBytes();
  }

  private void countAgain(ConfigKey key, Pending there) {
    claimedConfigs += there.moreConfigs();
    claimedBytes += there.moreBytes();
    if (there.claims.isEmpty()) {
      pending.remove(key);
    }
  }

  /**
   * Whether a config may become that large.
   *
   * @param before its size, or {@link #ABSENT}
   */
  synchronized Admission.Verdict admit(ConfigKey key, NamespaceQuota quota, int before, int after) {
    Pending there = pending.computeIfAbsent(key, k -> new Pending(before));
    int hadConfigs = there.moreConfigs();
    long hadBytes = there.moreBytes();
    uncount(there);
    Claim claim = new Claim(after);
    there.claims.add(claim);
    long allConfigs = configs + claimedConfigs + there.moreConfigs();
    long allBytes = bytes + claimedBytes + there.moreBytes();
    Admission.Verdict verdict;
    if (there.moreConfigs() > hadConfigs && allConfigs > quota.configs()) {
      verdict = refused("has " + counted(allConfigs - 1), "at most " + quota.configs());
    } else if (there.moreBytes() > hadBytes && allBytes > quota.bytes()) {
      verdict = refused("would have " + allBytes + " bytes of configs", "at most " + quota.bytes());
    } else {
      verdict = new Admission.Admitted(outcome -> ended(key, claim, outcome));
    }
    if (verdict instanceof Admission.Refused) {
      there.claims.remove(claim);
    }
    countAgain(key, there);
    return verdict;
  }

  private static String counted(long configs) {
    return configs + (configs == 1 ? " config" : " configs");
  }

  /** A refusal that names the namespace, what is too much, and what would not be. */
  private Admission.Refused refused(String tooMuch, String most) {
    return refused(name, tooMuch, most);
  }

  static Admission.Refused refused(String name, String tooMuch, String most) {
    return new Admission.Refused(
        "namespace \"" + name + "\": " + tooMuch + " (expected: " + most + ", by its quota)");
  }

  private synchronized void ended(ConfigKey key, Claim claim, @Nullable Appended outcome) {
    Pending there = pending.get(key);
    if (there == null) {
      return;
    }
    // A repetition was counted when it was first told of, and is not told of again.
    claim.stored =
        outcome instanceof Appended.Stored stored && !stored.repeated()
            ? stored.id().sequence()
            : 0;
    if (claim.isOver()) {
      uncount(there);
      there.claims.remove(claim);
      countAgain(key, there);
    }
  }
}
