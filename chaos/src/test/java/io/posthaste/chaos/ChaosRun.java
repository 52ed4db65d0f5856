package io.posthaste.chaos;

import io.posthaste.chaos.Cluster.Mending;
import io.posthaste.chaos.Fault.Kind;
import io.posthaste.testkit.Unshared;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * What a cluster with traffic goes through, as a program in namespaces of its own: the faults of
 * some seeds, one seed after the other, and a rolling restart.
 */
final class ChaosRun {
  /** What stands among the seeds for a {@link RollingRestart}. */
  static final String RESTARTS = "restarts";

  private static final int AFTERWARDS = 20;

  private ChaosRun() {}

  /**
   * @param arguments the directory, the seeds split by commas, for how many milliseconds things go
   *     wrong with each, and whether all kinds are dealt
   */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    long millis = Long.parseLong(arguments[2]);
    Set<Kind> kinds = arguments[3].equals("all") ? EnumSet.allOf(Kind.class) : Fault.SURVIVED;
    System.out.println("seeds " + arguments[1] + ", kinds " + arguments[3]);
    try (Cluster cluster = Cluster.start(directory)) {
      Traffic traffic = new Traffic(cluster, arguments[1].hashCode());
      try {
        traffic.awaitProgress(1);
        for (String seed : arguments[1].split(",")) {
          System.out.printf("%tT seed %s%n", System.currentTimeMillis(), seed);
          if (seed.equals(RESTARTS)) {
            RollingRestart.of(cluster, traffic);
          } else {
            goWrong(cluster, Schedule.of(Long.parseLong(seed), millis, kinds));
          }
          System.out.printf("%tT all is mended%n", System.currentTimeMillis());
          cluster.awaitReady();
          System.out.printf("%tT all is ready%n", System.currentTimeMillis());
          traffic.awaitProgress(AFTERWARDS);
        }
        traffic.end();
        traffic.judge();
      } finally {
        cluster.write();
        traffic.write(directory);
        System.out.println(traffic);
      }
    } catch (Exception | AssertionError failure) {
      System.out.println("seeds " + arguments[1] + " failed");
      failure.printStackTrace(System.out);
      System.exit(1);
    }
    Unshared.passed();
    System.exit(0); // whatever a reader still waits for
  }

  private record Due(long atNanos, Fault fault, Mending mending) {}

  /** Inflicts faults and mends them, each at its time. */
  private static void goWrong(Cluster cluster, List<Fault> schedule)
      throws IOException, InterruptedException {
    PriorityQueue<Due> mendings = new PriorityQueue<>(Comparator.comparing(Due::atNanos));
    long begin = System.nanoTime();
    for (Fault fault : schedule) {
      long at = begin + fault.beginsMillis() * 1_000_000;
      mendUntil(at, mendings);
      parkUntil(at);
      System.out.printf("%5.1f s: %s%n", (System.nanoTime() - begin) / 1e9, fault);
      long mended = begin + fault.endsMillis() * 1_000_000;
      mendings.add(new Due(mended, fault, cluster.inflict(fault)));
    }
    mendUntil(Long.MAX_VALUE, mendings);
  }

  private static void mendUntil(long nanos, PriorityQueue<Due> mendings)
      throws IOException, InterruptedException {
    for (Due next = mendings.peek();
        next != null && next.atNanos() <= nanos;
        next = mendings.peek()) {
      parkUntil(next.atNanos());
      next.mending().run();
      mendings.remove();
    }
  }

  private static void parkUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
