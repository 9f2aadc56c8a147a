package elt.extract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Arithmetic of ranges: what one batch reads of a backlog, and how the tasks share it. Pure. */
final class RangeSplit {
  private RangeSplit() {}

  /**
   * Shares {@code maxRows} among partitions so that each gets the same, short ones all they have, and
   * nothing is left unused while any partition has more.
   *
   * @return rows per partition, none above its backlog, in sum min(maxRows, whole backlog)
   */
  static SortedMap<Integer, Long> share(Map<Integer, Long> backlog, long maxRows) {
    SortedMap<Integer, Long> shares = new TreeMap<>();
    List<Map.Entry<Integer, Long>> shortestFirst = new ArrayList<>(backlog.entrySet());
    shortestFirst.sort(
        Map.Entry.<Integer, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
    long rest = maxRows;
    int waiting = shortestFirst.size();
    for (Map.Entry<Integer, Long> partition : shortestFirst) {
      // Rounded up: the last ones get less, and no row of the batch goes unused.
      long fair = rest / waiting + (rest % waiting == 0 ? 0 : 1);
      long share = Math.min(partition.getValue(), fair);
      shares.put(partition.getKey(), share);
      rest -= share;
      waiting--;
    }
    return shares;
  }

  /**
   * Cuts the ranges into at most {@code tasks} tasks of equal length: several small partitions share
   * a task and a large one is cut. No task has two ranges of one partition.
   */
  static List<List<OffsetRange>> intoTasks(List<OffsetRange> ranges, int tasks) {
    long total = ranges.stream().mapToLong(OffsetRange::length).sum();
    long perTask = Math.max(1, (total + tasks - 1) / tasks);
    List<List<OffsetRange>> all = new ArrayList<>();
    List<OffsetRange> task = new ArrayList<>();
    long room = perTask;
    for (OffsetRange range : ranges) {
      long from = range.from();
      while (from < range.to()) {
        long to = from + Math.min(room, range.to() - from);
        task.add(new OffsetRange(range.partition(), from, to));
        room -= to - from;
        from = to;
        if (room == 0) {
          all.add(task);
          task = new ArrayList<>();
          room = perTask;
        }
      }
    }
    if (!task.isEmpty()) {
      all.add(task);
    }
    return all;
  }
}
