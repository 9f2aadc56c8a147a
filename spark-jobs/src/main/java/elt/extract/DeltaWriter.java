package elt.extract;

import java.util.Arrays;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.BytesInput;
import org.apache.iceberg.shaded.org.apache.parquet.column.Encoding;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.ValuesWriter;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.bitpacking.BytePackerForLong;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.bitpacking.Packer;

/**
 * Whole numbers, of 64 bits or of 32, in Parquet's DELTA_BINARY_PACKED encoding: each as the difference to the one before, 128 of
 * them at a time, in as many bits as the largest takes beyond the smallest. Takes arrays instead of single values, so that its loops
 * are compiled into vector instructions; equal steps, as those of offsets are, cost one comparison each. Writes what Parquet's own
 * writer would write, which takes values one by one.
 */
final class DeltaWriter extends ValuesWriter {
  // Of Parquet's own writer, too. A block's values must be a multiple of 128, a miniblock's one of 32.
  private static final int BLOCK_VALUES = 128;
  private static final int MINIBLOCKS = 4;
  private static final int MINIBLOCK_VALUES = BLOCK_VALUES / MINIBLOCKS;

  /** A packer's unit. */
  private static final int PACKED_VALUES = 8;

  /** The smallest difference, the widths, and 128 differences of 64 bits. */
  private static final int BLOCK_MAX_BYTES = 10 + MINIBLOCKS + BLOCK_VALUES * Long.BYTES;

  private final long[] deltas = new long[BLOCK_VALUES];
  private int pending;
  private int count;
  private long first;
  private long last;
  private byte[] blocks = new byte[2 * BLOCK_MAX_BYTES];
  private int size;

  /** Adds the first {@code length} of the values. For a column of 32 bits, no two may be further apart than such a number can tell. */
  void write(long[] values, int length) {
    int from = 0;
    if (count == 0 && length > 0) {
      first = values[0];
      last = first;
      from = 1;
    }
    count += length;
    while (from < length) {
      int taken = Math.min(length - from, BLOCK_VALUES - pending);
      deltas[pending] = values[from] - last;
      for (int i = 1; i < taken; i++) {
        deltas[pending + i] = values[from + i] - values[from + i - 1];
      }
      from += taken;
      last = values[from - 1];
      pending += taken;
      if (pending == BLOCK_VALUES) {
        writeBlock();
      }
    }
  }

  private void writeBlock() {
    if (blocks.length - size < BLOCK_MAX_BYTES) {
      blocks = Arrays.copyOf(blocks, Math.multiplyExact(blocks.length, 2));
    }
    long step = deltas[0];
    long different = 0;
    for (int i = 1; i < pending; i++) {
      different |= deltas[i] ^ step;
    }
    if (different == 0) {
      writeSigned(step);
      Arrays.fill(blocks, size, size + MINIBLOCKS, (byte) 0);
      size += MINIBLOCKS;
    } else {
      writePacked();
    }
    pending = 0;
  }

  private void writePacked() {
    long min = deltas[0];
    for (int i = 1; i < pending; i++) {
      min = Math.min(min, deltas[i]);
    }
    for (int i = 0; i < pending; i++) {
      deltas[i] -= min;
    }
    // The last block is filled up to a whole miniblock; readers know how many values there are.
    Arrays.fill(deltas, pending, BLOCK_VALUES, 0);
    writeSigned(min);
    int widths = size;
    size += MINIBLOCKS;
    for (int miniblock = 0; miniblock < MINIBLOCKS; miniblock++) {
      int start = miniblock * MINIBLOCK_VALUES;
      int width = width(start);
      blocks[widths + miniblock] = (byte) width;
      if (width > 0) {
        BytePackerForLong packer = Packer.LITTLE_ENDIAN.newBytePackerForLong(width);
        for (int i = start; i < start + MINIBLOCK_VALUES; i += PACKED_VALUES) {
          packer.pack8Values(deltas, i, blocks, size);
          size += width;
        }
      }
    }
  }

  /** Bits of the largest number of a miniblock. */
  private int width(int start) {
    long bits = 0;
    for (int i = start; i < start + MINIBLOCK_VALUES; i++) {
      bits |= deltas[i];
    }
    return Long.SIZE - Long.numberOfLeadingZeros(bits);
  }

  /** As a zigzag varint. */
  private void writeSigned(long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7FL) != 0) {
      blocks[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    blocks[size++] = (byte) rest;
  }

  /** All values since the last reset; nothing may be added before the next. */
  @Override
  public BytesInput getBytes() {
    if (pending > 0) {
      writeBlock();
    }
    return BytesInput.concat(
        BytesInput.fromUnsignedVarInt(BLOCK_VALUES),
        BytesInput.fromUnsignedVarInt(MINIBLOCKS),
        BytesInput.fromUnsignedVarInt(count),
        BytesInput.fromZigZagVarLong(first),
        BytesInput.from(blocks, 0, size));
  }

  @Override
  public Encoding getEncoding() {
    return Encoding.DELTA_BINARY_PACKED;
  }

  @Override
  public void reset() {
    pending = 0;
    count = 0;
    first = 0;
    size = 0;
  }

  @Override
  public long getBufferedSize() {
    return size + (long) pending * Long.BYTES;
  }

  @Override
  public long getAllocatedSize() {
    return blocks.length + (long) BLOCK_VALUES * Long.BYTES;
  }

  @Override
  public String memUsageString(String prefix) {
    return prefix + " DeltaWriter " + count + " values";
  }
}
