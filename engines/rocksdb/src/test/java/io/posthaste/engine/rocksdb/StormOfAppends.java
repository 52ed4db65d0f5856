package io.posthaste.engine.rocksdb;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that publishes as fast as it can and tells of each acknowledgement on a line of its
 * standard output, {@code writer number sequence}. Arguments: the directory, then for each writer
 * the number to begin with. It goes on until it is killed.
 */
final class StormOfAppends {
  private StormOfAppends() {}

  public static void main(String[] arguments) throws Exception {
    RocksLog log = RocksLog.open(RocksLog.Options.of(Path.of(arguments[0]), Policies.DEFAULT));
    List<Thread> writers = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++) {
      int writer = i - 1;
      long from = Long.parseLong(arguments[i]);
      Thread thread = new Thread(() -> publish(log, writer, from));
      thread.start();
      writers.add(thread);
    }
    for (Thread thread : writers) {
      thread.join();
    }
  }

  private static void publish(RocksLog log, int writer, long from) {
    for (long number = from; ; number++) {
      Appended outcome =
          log.append(List.of(append(writer, number))).toCompletableFuture().join().get(0);
      if (!(outcome instanceof Appended.Stored stored)) {
        throw new IllegalStateException("not stored: " + outcome);
      }
      String line = writer + " " + number + " " + stored.id().sequence() + "\n";
      synchronized (System.out) {
        System.out.print(line);
        System.out.flush();
      }
    }
  }

  static Append append(int writer, long number) {
    String text = writer + ":" + number;
    return Append.of(new Topic("storm/" + writer), "", Payload.of(text)).withKey(text);
  }
}
