package io.posthaste.testkit;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves a buffer to the garbage collector. A module registers it for all
 * of its test classes by a service file and {@code junit.jupiter.extensions.autodetection.enabled},
 * and runs them with {@code -Dio.netty.leakDetection.level=paranoid}.
 */
public final class LeakExtension implements BeforeAllCallback, AfterAllCallback {
  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

  static {
    // Before the first allocator asks for a detector.
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
        new ResourceLeakDetectorFactory() {
          @Override
          @SuppressWarnings("deprecation") // it is abstract, so it must be there
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval, long maxActive) {
            return new Recording<>(resource, samplingInterval);
          }
        });
  }

  private static final class Recording<T> extends ResourceLeakDetector<T> {
    Recording(Class<?> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      LEAKS.add(resourceType + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      LEAKS.add(resourceType);
    }
  }

  /** Finds what has leaked so far. */
  static Queue<String> leaks() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.onSpinWait();
      ByteBufAllocator.DEFAULT.directBuffer(1).release(); // allocating is what looks for leaks
      ByteBufAllocator.DEFAULT.heapBuffer(1).release();
    }
    return LEAKS;
  }

  @Override
  public void beforeAll(ExtensionContext context) {}

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    String leaks = String.join("\n", leaks());
    LEAKS.clear();
    if (!leaks.isEmpty()) {
      throw new AssertionError("buffers were leaked: " + leaks);
    }
  }
}
