package elt.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.driver.RunState;
import elt.transform.TestRaw.Sent;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A batch whose events are spread over many days. */
class TransformManyDaysTest {
  private static final int DAYS = 2_000;
  private static final long DAY_MS = 86_400_000L;

  @Test
  void aBatchOverTwoThousandDaysOpensFewFilesAtATimeAndWritesOneForEachDay() {
    TestRun run = new TestRun("many_days");
    long now = System.currentTimeMillis();
    SplittableRandom random = new SplittableRandom(2000);
    List<Sent> records = new ArrayList<>();
    for (int i = 0; i < 3 * DAYS; i++) {
      // Every day three times, in no order; some before 1970.
      int day = i < DAYS ? i : random.nextInt(DAYS);
      records.add(Sent.at(now - day * 13L * DAY_MS, Integer.toString(i)));
    }
    java.util.Collections.shuffle(records, new java.util.Random(7));
    new TestRaw(TestRun.CATALOG, run.raw()).commit(records, 1);

    try (OpenFiles open = OpenFiles.watch("/silver/" + run.name + "/data/")) {
      assertEquals(RunState.SUCCEEDED, run.run());
      assertTrue(open.most() > 0 && open.most() <= DayWriters.MAX_OPEN + 1, "open at once: " + open.most());
    }

    assertEquals(
        "[%d,%d,0]".formatted(3 * DAYS, 3 * DAYS),
        TestRun.rows(run.silver())
            .selectExpr("count(*)", "count(DISTINCT number)", "count_if(words <> number_to_french(number))")
            .first()
            .toString());
    assertEquals(
        "[%d,%d]".formatted(DAYS, DAYS),
        TestRun.SPARK
            .sql("SELECT count(*), count(DISTINCT partition) FROM lakehouse.%s.files".formatted(run.silver()))
            .first()
            .toString());
  }

  /** Looks, again and again, how many Parquet files of a folder this process has open. */
  private static final class OpenFiles implements AutoCloseable {
    private final Thread thread;
    private volatile boolean isClosed;
    private volatile int most;

    private OpenFiles(String folder) {
      thread = new Thread(() -> look(folder));
      thread.start();
    }

    static OpenFiles watch(String folder) {
      return new OpenFiles(folder);
    }

    int most() {
      return most;
    }

    private void look(String folder) {
      while (!isClosed) {
        int open = 0;
        for (File descriptor : new File("/proc/self/fd").listFiles()) {
          open += target(descriptor).matches(".*" + folder + ".*\\.parquet") ? 1 : 0;
        }
        most = Math.max(most, open);
        LockSupport.parkNanos(2_000_000);
      }
    }

    private static String target(File descriptor) {
      try {
        return Files.readSymbolicLink(descriptor.toPath()).toString();
      } catch (IOException closedMeanwhile) {
        return "";
      }
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }
}
