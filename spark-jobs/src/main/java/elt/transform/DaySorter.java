package elt.transform;

import java.io.IOException;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.UnsafeExternalRowSorter;
import org.apache.spark.util.collection.unsafe.sort.PrefixComparators;
import org.apache.spark.util.collection.unsafe.sort.RecordComparator;

/** Spark's own sorter of rows, by day of the event: in the task's memory as far as that goes, then on local disk. */
final class DaySorter {
  private final UnsafeExternalRowSorter sorter;

  DaySorter(RowLayout layout) throws IOException {
    boolean canUseRadixSort = true;
    sorter =
        UnsafeExternalRowSorter.createWithRecordComparator(
            layout.all(),
            SameDay::new,
            PrefixComparators.LONG,
            new DayOf(layout.eventTime()),
            SparkEnv.get().memoryManager().pageSizeBytes(),
            canUseRadixSort);
  }

  void add(UnsafeRow row) throws IOException {
    sorter.insertRow(row);
  }

  scala.collection.Iterator<InternalRow> sorted() throws IOException {
    return sorter.sort();
  }

  void close() {
    sorter.cleanupResources();
  }

  private static final class DayOf extends UnsafeExternalRowSorter.PrefixComputer {
    private final int eventTime;
    private final Prefix prefix = new Prefix();

    DayOf(int eventTime) {
      this.eventTime = eventTime;
    }

    @Override
    public Prefix computePrefix(InternalRow row) {
      UnsafeRow unsafe = (UnsafeRow) row;
      prefix.value = DayWriters.day(unsafe.getLong(eventTime));
      prefix.isNull = false;
      return prefix;
    }
  }

  /** Within a day any order will do. */
  private static final class SameDay extends RecordComparator {
    @Override
    public int compare(
        Object leftBase, long leftOffset, int leftLength, Object rightBase, long rightOffset, int rightLength) {
      return 0;
    }
  }
}
