package elt.extract;

import java.util.Arrays;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.BytesInput;
import org.apache.iceberg.shaded.org.apache.parquet.column.Encoding;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.ValuesWriter;

/**
 * Byte arrays in Parquet's DELTA_LENGTH_BYTE_ARRAY encoding: all lengths of a page, as deltas, and then the bytes. A length costs
 * next to nothing where neighbours are about as long. Keeps one buffer as large as its largest page, where Parquet's own writer
 * goes through streams.
 */
final class BytesWriter extends ValuesWriter {
  private static final int INITIAL_BYTES = 64;

  /** Lengths are handed on so many at a time. */
  private static final int PENDING_LENGTHS = 512;

  private final DeltaWriter lengths = new DeltaWriter();
  private final long[] pendingLengths = new long[PENDING_LENGTHS];
  private int pending;
  private byte[] buffer = new byte[INITIAL_BYTES];
  private int size;
  private int count;

  void write(byte[] bytes) {
    int end = Math.addExact(size, bytes.length);
    if (end > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(end, (int) Math.min(Integer.MAX_VALUE - 8, buffer.length * 2L)));
    }
    pendingLengths[pending++] = bytes.length;
    if (pending == PENDING_LENGTHS) {
      writeLengths();
    }
    System.arraycopy(bytes, 0, buffer, size, bytes.length);
    size = end;
    count++;
  }

  private void writeLengths() {
    lengths.write(pendingLengths, pending);
    pending = 0;
  }

  @Override
  public BytesInput getBytes() {
    writeLengths();
    return count == 0 ? BytesInput.empty() : BytesInput.concat(lengths.getBytes(), BytesInput.from(buffer, 0, size));
  }

  /** Iceberg 1.11 reads past the end of a page of lengths that has none: such a page is an empty one in PLAIN. */
  @Override
  public Encoding getEncoding() {
    return count == 0 ? Encoding.PLAIN : Encoding.DELTA_LENGTH_BYTE_ARRAY;
  }

  @Override
  public void reset() {
    lengths.reset();
    pending = 0;
    size = 0;
    count = 0;
  }

  @Override
  public long getBufferedSize() {
    return lengths.getBufferedSize() + size;
  }

  @Override
  public long getAllocatedSize() {
    return lengths.getAllocatedSize() + buffer.length;
  }

  @Override
  public String memUsageString(String prefix) {
    return lengths.memUsageString(prefix) + "\n" + prefix + " BytesWriter " + size + " bytes";
  }
}
