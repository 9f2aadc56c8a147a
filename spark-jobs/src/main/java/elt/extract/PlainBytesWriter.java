package elt.extract;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.BytesInput;
import org.apache.iceberg.shaded.org.apache.parquet.column.Encoding;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.ValuesWriter;

/**
 * Byte arrays in Parquet's PLAIN encoding: each with its length before it. Keeps one buffer as large as its largest page, where
 * Parquet's own writer goes through streams byte by byte.
 */
final class PlainBytesWriter extends ValuesWriter {
  private static final VarHandle LENGTH = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int INITIAL_BYTES = 64;

  private byte[] buffer = new byte[INITIAL_BYTES];
  private int size;

  void write(byte[] bytes) {
    int end = Math.addExact(size, Integer.BYTES + bytes.length);
    if (end > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(end, (int) Math.min(Integer.MAX_VALUE - 8, buffer.length * 2L)));
    }
    LENGTH.set(buffer, size, bytes.length);
    System.arraycopy(bytes, 0, buffer, size + Integer.BYTES, bytes.length);
    size = end;
  }

  @Override
  public BytesInput getBytes() {
    return BytesInput.from(buffer, 0, size);
  }

  @Override
  public Encoding getEncoding() {
    return Encoding.PLAIN;
  }

  @Override
  public void reset() {
    size = 0;
  }

  @Override
  public long getBufferedSize() {
    return size;
  }

  @Override
  public long getAllocatedSize() {
    return buffer.length;
  }

  @Override
  public String memUsageString(String prefix) {
    return prefix + " PlainBytesWriter " + size + " bytes";
  }
}
