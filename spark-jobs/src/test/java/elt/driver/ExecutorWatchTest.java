package elt.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ExecutorWatchTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Events events = new Events(new PrintStream(out), "run");
  private final AtomicInteger executors = new AtomicInteger();

  @Test
  void saysThatThereIsNoExecutorAgainAndAgainAndThatOneHasCome() throws Exception {
    ExecutorWatch watch = watch(5, 50);
    until(lines -> lines.size() >= 2);
    executors.set(1);
    until(lines -> lines.get(lines.size() - 1).contains("\"event\":\"resumed\""));
    watch.close();
    List<String> lines = lines();
    for (String line : lines.subList(0, lines.size() - 1)) {
      assertTrue(line.contains("\"event\":\"waiting\"") && line.contains("no-executor"), line);
      assertTrue(line.contains("application app-1"), line);
    }
  }

  @Test
  void saysNothingWhileThereIsOneOrBeforeTheTimeIsUp() throws Exception {
    executors.set(1);
    ExecutorWatch whileThereIsOne = watch(1, 20);
    Thread.sleep(100);
    whileThereIsOne.close();
    executors.set(0);
    ExecutorWatch beforeTheTime = watch(1, 60_000);
    Thread.sleep(100);
    beforeTheTime.close();
    assertEquals(List.of(), lines());
  }

  private ExecutorWatch watch(long lookEveryMs, long tellAfterMs) {
    return new ExecutorWatch(executors::get, events, "app-1", lookEveryMs, tellAfterMs);
  }

  private void until(Predicate<List<String>> condition) throws InterruptedException {
    while (!condition.test(lines())) {
      Thread.sleep(5);
    }
  }

  private List<String> lines() {
    return out.toString().lines().toList();
  }
}
