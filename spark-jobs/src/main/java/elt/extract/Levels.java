package elt.extract;

import java.io.IOException;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.BytesInput;
import org.apache.iceberg.shaded.org.apache.parquet.column.ParquetProperties;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;

/**
 * The repetition or the definition levels of a page (Parquet's "RLE/bit-packing hybrid"). A page in which all are alike, as nearly
 * every one is, costs no work per value.
 */
final class Levels {
  private static final int INITIAL_SLAB_BYTES = 64;

  private final int max;
  private final RunLengthBitPackingHybridEncoder encoder;
  private int level;
  private int run;
  private int encoded;

  /** @param max the column's highest level; 0 takes no room at all */
  Levels(int max, ParquetProperties properties) {
    this.max = max;
    this.encoder =
        new RunLengthBitPackingHybridEncoder(
            Math.max(1, bitWidth(max)), INITIAL_SLAB_BYTES, properties.getPageSizeThreshold(), properties.getAllocator());
  }

  /** {@code count} values of this level follow. */
  void append(int newLevel, int count) throws IOException {
    if (newLevel != level) {
      encodeRun();
      level = newLevel;
    }
    run += count;
  }

  /** Values since the last reset. */
  int count() {
    return encoded + run;
  }

  /** As a version 1 page wants them: with their length before them. */
  BytesInput bytes() throws IOException {
    if (max == 0) {
      return BytesInput.empty();
    }
    BytesInput levels = encoded == 0 ? singleRun() : mixed();
    return BytesInput.concat(BytesInput.fromInt(Math.toIntExact(levels.size())), levels);
  }

  void reset() {
    if (encoded > 0) {
      encoder.reset();
    }
    encoded = 0;
    run = 0;
  }

  void close() {
    encoder.close();
  }

  /** The run's length, shifted, and its level in as many bytes as the bit width takes: one. */
  private BytesInput singleRun() {
    return BytesInput.concat(BytesInput.fromUnsignedVarInt(run << 1), BytesInput.from(new byte[] {(byte) level}));
  }

  private BytesInput mixed() throws IOException {
    encodeRun();
    return encoder.toBytes();
  }

  private void encodeRun() throws IOException {
    for (int i = 0; i < run; i++) {
      encoder.writeInt(level);
    }
    encoded += run;
    run = 0;
  }

  private static int bitWidth(int max) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(max);
  }
}
