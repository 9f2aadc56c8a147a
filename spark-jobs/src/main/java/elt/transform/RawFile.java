package elt.transform;

import elt.driver.Micros;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/**
 * A data file of RAW and the commit clocks of its rows, in micros. EXTRACT's files have one clock; those
 * that a compaction wrote may span many.
 *
 * @param isCounted false when deletes make fewer rows of it than its footer says
 */
record RawFile(long firstClock, long lastClock, long rows, boolean isCounted, FileScanTask task) {
  /** The file of a scan that kept the statistics of the clock's column, {@code clockId}. */
  static RawFile of(FileScanTask task, int clockId) {
    DataFile file = task.file();
    return new RawFile(
        bound(file.lowerBounds(), clockId, Long.MIN_VALUE),
        bound(file.upperBounds(), clockId, Long.MAX_VALUE),
        file.recordCount(),
        task.deletes().isEmpty(),
        task);
  }

  /** Whether some of the file's rows may lie in (after, upTo]. */
  boolean overlaps(long after, long upTo) {
    return lastClock > after && firstClock <= upTo;
  }

  /** Whether all of the file's rows lie in (after, upTo]. */
  boolean isWithin(long after, long upTo) {
    return firstClock > after && lastClock <= upTo;
  }

  @Override
  public String toString() {
    return "%d rows in [%s, %s]".formatted(rows, Micros.iso(firstClock), Micros.iso(lastClock));
  }

  private static long bound(Map<Integer, ByteBuffer> bounds, int id, long otherwise) {
    ByteBuffer bound = bounds == null ? null : bounds.get(id);
    return bound == null
        ? otherwise
        : Conversions.<Long>fromByteBuffer(Types.TimestampType.withZone(), bound);
  }
}
