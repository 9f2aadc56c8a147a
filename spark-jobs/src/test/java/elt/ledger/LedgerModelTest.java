package elt.ledger;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Thousands of random histories against a real Iceberg catalog in memory, each compared with {@link LedgerModel} after every
 * step. A failure prints its seed; {@code -Delt.seed=SEED} runs that history alone.
 */
class LedgerModelTest {
  private static final int HISTORIES = Integer.getInteger("elt.histories", 3_000);

  /** On a slow or busy machine fewer histories run; how many is printed. */
  private static final long BUDGET_NANOS = 60_000_000_000L;

  private static final int FEWEST = 20;
  private static final int STEPS = 16;

  /** More threads than cores: Iceberg's commits spend most of their time asleep, waiting for its worker pool. */
  private static final int THREADS = 8;

  @Test
  void everyHistoryKeepsRowsOncePositionAndOwner() throws Exception {
    Long only = Long.getLong("elt.seed");
    long first = only == null ? new Random().nextLong() : only;
    int histories = only == null ? HISTORIES : 1;
    System.out.println("LedgerModelTest: up to " + histories + " histories from seed " + first);
    long ran = run(first, histories);
    System.out.println("LedgerModelTest: " + ran + " histories of " + STEPS + " steps held");
    assertTrue(ran >= Math.min(FEWEST, histories), "only " + ran + " histories ran in the time given");
  }

  private static long run(long first, int histories) throws InterruptedException, ExecutionException {
    long started = System.nanoTime();
    AtomicLong ran = new AtomicLong();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < histories; i++) {
        long seed = first + i;
        all.add(threads.submit(() -> {
          if (System.nanoTime() - started < BUDGET_NANOS) {
            history(seed);
            ran.incrementAndGet();
          }
        }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
    return ran.get();
  }

  private static void history(long seed) {
    MemoryLakehouse lakehouse = new MemoryLakehouse();
    try {
      run(new LedgerWorld(lakehouse, seed), seed, STEPS);
    } finally {
      lakehouse.forgetFiles();
    }
  }

  /** One history; a violation tells its seed and its story. */
  static void run(LedgerWorld world, long seed, int steps) {
    try {
      world.run(steps);
    } catch (RuntimeException | AssertionError violation) {
      throw new AssertionError(
          "Seed " + seed + " (repeat with -Delt.seed=" + seed + "): " + violation.getMessage() + "\n"
              + String.join("\n", world.story()),
          violation);
    }
  }
}
