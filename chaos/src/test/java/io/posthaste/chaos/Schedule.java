package io.posthaste.chaos;

import io.posthaste.chaos.Fault.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What goes wrong in a run, and when: all of it from the seed. Faults overlap, but no server has
 * two at once. The kinds are dealt like cards, so that all of them come before any comes again.
 */
final class Schedule {
  private static final int PAUSE_MILLIS = 500;

  private Schedule() {}

  /**
   * The faults of a run, in the order in which they begin.
   *
   * @param kinds which are dealt
   */
  static List<Fault> of(long seed, long runMillis, Set<Kind> kinds) {
    // Random begins alike with seeds that stand close together.
    Random random = new Random(new SplittableRandom(seed).nextLong());
    List<Fault> faults = new ArrayList<>();
    List<Kind> deck = new ArrayList<>();
    long begins = 1_000;
    while (begins < runMillis) {
      if (deck.isEmpty()) {
        deck.addAll(kinds); // in the order of the enum, for an EnumSet
        Collections.shuffle(deck, random);
      }
      Kind what = deck.remove(0);
      int target = random.nextInt(Fault.SERVERS);
      long lasts = 2_000 + random.nextInt(6_000);
      Fault fault = whenFree(new Fault(what, target, begins, lasts), faults);
      faults.add(fault);
      begins = fault.beginsMillis() + 2_000 + random.nextInt(3_000);
    }
    faults.removeIf(fault -> fault.beginsMillis() >= runMillis);
    return List.copyOf(faults);
  }

  /** The same fault, put off until whatever it touches has been mended. */
  private static Fault whenFree(Fault fault, List<Fault> before) {
    long begins = fault.beginsMillis();
    for (Fault other : before) {
      if (!Collections.disjoint(other.touched(), fault.touched())) {
        begins = Math.max(begins, other.endsMillis() + PAUSE_MILLIS);
      }
    }
    return new Fault(fault.what(), fault.target(), begins, fault.lastsMillis());
  }
}
