package elt.extract;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.BytesInput;
import org.apache.iceberg.shaded.org.apache.parquet.column.Encoding;
import org.apache.iceberg.shaded.org.apache.parquet.column.page.DictionaryPage;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.ValuesWriter;
import org.apache.iceberg.shaded.org.apache.parquet.io.api.Binary;

/**
 * A column with the same value in every row: a dictionary of one entry and, for each page, the number of rows. What Parquet's own
 * dictionary writer would make of it, without looking the value up each time.
 */
final class ConstantValuesWriter extends ValuesWriter {
  private Binary bytes;
  private long number;
  private boolean isKnown;
  private int count;

  @Override
  public void writeBytes(Binary value) {
    if (bytes == null) {
      bytes = value.copy();
    } else if (bytes != value && !bytes.equals(value)) {
      throw new IllegalArgumentException("Not the constant " + bytes.toStringUsingUTF8() + ": " + value.toStringUsingUTF8());
    }
    isKnown = true;
    count++;
  }

  @Override
  public void writeLong(long value) {
    if (isKnown && value != number) {
      throw new IllegalArgumentException("Not the constant " + number + ": " + value);
    }
    number = value;
    isKnown = true;
    count++;
  }

  /** One run of {@code count} times entry 0, in zero bits each. */
  @Override
  public BytesInput getBytes() {
    return BytesInput.concat(BytesInput.from(new byte[] {0}), BytesInput.fromUnsignedVarInt(count << 1));
  }

  @Override
  public Encoding getEncoding() {
    return Encoding.RLE_DICTIONARY;
  }

  @Override
  public DictionaryPage toDictPageAndClose() {
    return isKnown ? new DictionaryPage(BytesInput.from(plain()), 1, Encoding.PLAIN) : null;
  }

  private byte[] plain() {
    if (bytes == null) {
      return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    }
    return ByteBuffer.allocate(Integer.BYTES + bytes.length())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(bytes.length())
        .put(bytes.toByteBuffer())
        .array();
  }

  @Override
  public void reset() {
    count = 0;
  }

  @Override
  public void resetDictionary() {
    bytes = null;
    isKnown = false;
  }

  @Override
  public long getBufferedSize() {
    return Long.BYTES;
  }

  @Override
  public long getAllocatedSize() {
    return Long.BYTES;
  }

  @Override
  public String memUsageString(String prefix) {
    return prefix + " ConstantValuesWriter " + count + " values";
  }
}
