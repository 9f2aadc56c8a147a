package elt.extract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.ValuesWriter;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.junit.jupiter.api.Test;

class DeltaWriterTest {
  private static final int HISTORIES = 2_000;

  @Test
  void everythingIsReadBackAndAsSmallAsParquetsOwn() throws IOException {
    long seed = Long.getLong("elt.seed", System.nanoTime());
    DeltaWriter writer = new DeltaWriter();
    for (int i = 0; i < HISTORIES; i++) {
      Random random = new Random(seed + i);
      long[] values = values(random);
      byte[] bytes = written(writer, values, random);
      assertArrayEquals(values, read(bytes, values.length), () -> "seed " + seed);
      assertEquals(parquetsOwn(values).length, bytes.length, () -> "seed " + seed);
      writer.reset();
    }
  }

  @Test
  void wholeBlocksAreParquetsOwnToTheByte() throws IOException {
    Random random = new Random(7);
    long[] values = random.longs(1 + 128 * 5).toArray();
    assertArrayEquals(parquetsOwn(values), written(new DeltaWriter(), values, random));
    long[] offsets = new long[1 + 128 * 5];
    Arrays.setAll(offsets, i -> 1_000_000L + i);
    assertArrayEquals(parquetsOwn(offsets), written(new DeltaWriter(), offsets, random));
  }

  @Test
  void numbersOf32BitsAreParquetsOwnToTheByte() throws IOException {
    long[] lengths = new Random(7).ints(1 + 128 * 5, 0, Integer.MAX_VALUE).asLongStream().toArray();
    lengths[17] = Integer.MAX_VALUE;
    lengths[18] = 0;
    lengths[19] = Integer.MAX_VALUE;
    var parquets = new DeltaBinaryPackingValuesWriterForInteger(64, 1 << 20, HeapByteBufferAllocator.getInstance());
    for (long length : lengths) {
      parquets.writeInteger((int) length);
    }
    assertArrayEquals(bytes(parquets), written(new DeltaWriter(), lengths, new Random(8)));
  }

  /** Runs of equal steps, of small and of any differences, one after another. */
  private static long[] values(Random random) {
    long[] values = new long[random.nextInt(1_500)];
    long value = random.nextBoolean() ? random.nextLong() : random.nextInt(1_000);
    int row = 0;
    while (row < values.length) {
      int run = Math.min(values.length - row, 1 + random.nextInt(random.nextBoolean() ? 400 : 5));
      LongUnaryOperator next = next(random);
      for (int i = 0; i < run; i++) {
        values[row++] = value;
        value = next.applyAsLong(value);
      }
    }
    return values;
  }

  private static LongUnaryOperator next(Random random) {
    long step = random.nextInt(3) - 1L;
    int bound = 1 << random.nextInt(20);
    return switch (random.nextInt(4)) {
      case 0 -> value -> value + step;
      case 1 -> value -> value + random.nextInt(bound);
      case 2 -> value -> random.nextLong();
      default -> value -> random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE;
    };
  }

  /** In pieces, as blocks of records come. */
  private static byte[] written(DeltaWriter writer, long[] values, Random random) throws IOException {
    int from = 0;
    while (from < values.length) {
      int length = Math.min(values.length - from, random.nextInt(1_025));
      writer.write(Arrays.copyOfRange(values, from, from + length), length);
      from += length;
    }
    return bytes(writer);
  }

  private static byte[] parquetsOwn(long[] values) throws IOException {
    var writer = new DeltaBinaryPackingValuesWriterForLong(64, 1 << 20, HeapByteBufferAllocator.getInstance());
    for (long value : values) {
      writer.writeLong(value);
    }
    return bytes(writer);
  }

  private static byte[] bytes(ValuesWriter writer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writer.getBytes().writeAllTo(bytes);
    return bytes.toByteArray();
  }

  private static long[] read(byte[] bytes, int count) throws IOException {
    DeltaBinaryPackingValuesReader reader = new DeltaBinaryPackingValuesReader();
    if (count > 0) {
      reader.initFromPage(count, ByteBufferInputStream.wrap(ByteBuffer.wrap(bytes)));
    }
    long[] values = new long[count];
    Arrays.setAll(values, i -> reader.readLong());
    return values;
  }
}
