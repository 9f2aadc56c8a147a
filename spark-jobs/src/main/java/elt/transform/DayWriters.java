package elt.transform;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.io.RollingDataWriter;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * Writes each row into the file of its day. The first days each get an open writer; each open writer
 * holds buffers for all columns, so rows of further days go to a sorter that spills to disk, and are
 * written at the end, one day after the other. One task thus never has more than {@link #MAX_OPEN} + 1
 * files open, and never more than one file (of the target size) per day.
 */
final class DayWriters {
  static final int MAX_OPEN = 16;

  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private final ParquetFiles files;
  private final RowLayout layout;
  private final int eventTime;
  private final Map<Integer, RollingDataWriter<InternalRow>> open = new HashMap<>();
  private RollingDataWriter<InternalRow> last;
  private int lastDay;
  private DaySorter further;

  DayWriters(ParquetFiles files, RowLayout layout) {
    this.files = files;
    this.layout = layout;
    this.eventTime = layout.eventTime();
  }

  static int day(long micros) {
    return (int) Math.floorDiv(micros, MICROS_PER_DAY);
  }

  void write(InternalRow row) throws IOException {
    int day = day(row.getLong(eventTime));
    if (last == null || day != lastDay) {
      RollingDataWriter<InternalRow> writer = writer(day);
      if (writer == null) {
        further = further == null ? new DaySorter(layout) : further;
        further.add((UnsafeRow) row);
        return;
      }
      last = writer;
      lastDay = day;
    }
    last.write(row);
  }

  /** The open writer of the day; null when no further one may be opened. */
  private RollingDataWriter<InternalRow> writer(int day) {
    RollingDataWriter<InternalRow> writer = open.get(day);
    if (writer == null && open.size() < MAX_OPEN) {
      writer = files.open(day);
      open.put(day, writer);
    }
    return writer;
  }

  /** Finishes all files. */
  void finish() throws IOException {
    for (RollingDataWriter<InternalRow> writer : open.values()) {
      files.finish(writer);
    }
    open.clear();
    if (further != null) {
      writeFurther();
    }
  }

  private void writeFurther() throws IOException {
    RollingDataWriter<InternalRow> writer = null;
    int writerDay = 0;
    var rows = further.sorted();
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      int day = day(row.getLong(eventTime));
      if (writer == null || day != writerDay) {
        if (writer != null) {
          files.finish(writer);
          open.clear();
        }
        writer = files.open(day);
        writerDay = day;
        // Known to abort() while it is open.
        open.put(day, writer);
      }
      writer.write(row);
    }
    files.finish(writer);
    open.clear();
  }

  /** Lets go of all buffers; the files are deleted by their owner. */
  void abort() {
    for (RollingDataWriter<InternalRow> writer : open.values()) {
      try {
        writer.close();
      } catch (IOException | RuntimeException ignored) {
        // Half a file is deleted as well as a whole one.
      }
    }
    if (further != null) {
      further.close();
    }
  }
}
