package elt.extract;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.BytesInput;
import org.apache.iceberg.shaded.org.apache.parquet.column.Encoding;
import org.apache.iceberg.shaded.org.apache.parquet.column.page.DictionaryPage;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.ValuesWriter;

/**
 * The same value in every row: a dictionary of one entry and, for each page, the number of rows. What Parquet's own dictionary
 * writer would make of it, without looking the value up each time.
 */
final class ConstantValuesWriter extends ValuesWriter {
  private final byte[] plain;
  private int count;

  /** @param plain the value in Parquet's PLAIN encoding */
  private ConstantValuesWriter(byte[] plain) {
    this.plain = plain;
  }

  static ConstantValuesWriter of(long value) {
    return new ConstantValuesWriter(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  static ConstantValuesWriter of(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    return new ConstantValuesWriter(
        ByteBuffer.allocate(Integer.BYTES + utf8.length).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).put(utf8).array());
  }

  /** So many rows more have it. */
  void add(int rows) {
    count += rows;
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
    return new DictionaryPage(BytesInput.from(plain), 1, Encoding.PLAIN);
  }

  @Override
  public void reset() {
    count = 0;
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
