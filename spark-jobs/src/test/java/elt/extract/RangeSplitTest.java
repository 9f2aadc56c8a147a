package elt.extract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RangeSplitTest {
  @Test
  void aBatchTakesShortPartitionsWholeAndSharesTheRestEvenly() {
    assertEquals(Map.of(0, 10L, 1, 45L, 2, 45L), RangeSplit.share(Map.of(0, 10L, 1, 500L, 2, 500L), 100));
  }

  @Test
  void aBatchTakesEverythingWhenItFits() {
    assertEquals(Map.of(0, 3L, 1, 0L, 2, 4L), RangeSplit.share(Map.of(0, 3L, 1, 0L, 2, 4L), 100));
  }

  @Test
  void sharesUseTheWholeBatchAndNoMoreThanTheBacklog() {
    Random random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      SortedMap<Integer, Long> backlog = new TreeMap<>();
      int partitions = 1 + random.nextInt(12);
      for (int partition = 0; partition < partitions; partition++) {
        backlog.put(partition, random.nextInt(4) == 0 ? 0 : (long) random.nextInt(1_000));
      }
      long max = 1 + random.nextInt(3_000);
      SortedMap<Integer, Long> shares = RangeSplit.share(backlog, max);
      assertEquals(backlog.keySet(), shares.keySet());
      shares.forEach((partition, share) -> assertTrue(share >= 0 && share <= backlog.get(partition)));
      assertEquals(Math.min(max, sum(backlog)), sum(shares), () -> backlog + " of " + max + " gave " + shares);
    }
  }

  @Test
  void oneLargePartitionIsCutForAllCores() {
    assertEquals(
        List.of(
            List.of(new OffsetRange(0, 100, 134)),
            List.of(new OffsetRange(0, 134, 168)),
            List.of(new OffsetRange(0, 168, 200))),
        RangeSplit.intoTasks(List.of(new OffsetRange(0, 100, 200)), 3));
  }

  @Test
  void smallPartitionsShareATask() {
    List<OffsetRange> ranges = new ArrayList<>();
    for (int partition = 0; partition < 100; partition++) {
      ranges.add(new OffsetRange(partition, 5, 15));
    }
    List<List<OffsetRange>> tasks = RangeSplit.intoTasks(ranges, 4);
    assertEquals(4, tasks.size());
    tasks.forEach(task -> assertEquals(25, task.size()));
  }

  @Test
  void tasksCoverEveryOffsetOnceAndHaveOneRangePerPartition() {
    Random random = new Random(11);
    for (int round = 0; round < 2_000; round++) {
      List<OffsetRange> ranges = new ArrayList<>();
      int partitions = 1 + random.nextInt(8);
      for (int partition = 0; partition < partitions; partition++) {
        long from = random.nextInt(50);
        ranges.add(new OffsetRange(partition, from, from + 1 + random.nextInt(40)));
      }
      int cores = 1 + random.nextInt(10);
      List<List<OffsetRange>> tasks = RangeSplit.intoTasks(ranges, cores);
      assertTrue(tasks.size() <= cores);
      assertEquals(offsets(ranges), offsets(tasks.stream().flatMap(List::stream).toList()));
      for (List<OffsetRange> task : tasks) {
        assertEquals(task.size(), task.stream().map(OffsetRange::partition).distinct().count());
      }
    }
  }

  private static Set<String> offsets(List<OffsetRange> ranges) {
    Set<String> offsets = new HashSet<>();
    for (OffsetRange range : ranges) {
      for (long offset = range.from(); offset < range.to(); offset++) {
        assertTrue(offsets.add(range.partition() + ":" + offset), "twice: " + offset);
      }
    }
    return offsets;
  }

  private static long sum(Map<Integer, Long> rows) {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
