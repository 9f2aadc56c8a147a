package elt.words;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntegerTextTest {
  @ParameterizedTest
  @CsvSource({
    "0,0", "7,7", "007,7", "+5,5", "-5,-5", "-0,0", "+0,0", "-007,-7", "000,0",
    "9223372036854775807,9223372036854775807", "+9223372036854775807,9223372036854775807",
    "-9223372036854775808,-9223372036854775808",
    "-000000000000000000009223372036854775808,-9223372036854775808"
  })
  void integers(String text, long expected) {
    assertInteger(expected, text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {" 42", "42 ", "\t42\r\n", "  \n 42\t "})
  void blanksAroundAreIgnored(String text) {
    assertInteger(42, text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e3", "12.5", "12.", ".5", "NaN", "Infinity", "0x10", "1_000", "1,000", "1 000", "--5", "+-5", "+", "-",
        "- 5", "5-", "٤٢", "४२", "４２", "−5", "\u00a042", "\u202f42", "\ufeff42", "\u000b42", "\f42", "4\u00002", "\u0000",
        "null", "quarante-deux", "\"42\""
      })
  void otherTextIsNoInteger(String text) {
    assertRejected("not-an-integer", text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775808", "-9223372036854775809", "18446744073709551616", "+99999999999999999999",
        "  170141183460469231731687303715884105728\n"
      })
  void integersBeyondSixtyFourBits(String text) {
    assertRejected("out-of-range", text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n", " \t\r\n "})
  void nothingButBlanksIsEmpty(String text) {
    assertRejected("empty", text.getBytes(UTF_8));
  }

  @Test
  void invalidUtf8IsSaidToBeSo() {
    assertRejected("not-utf8", new byte[] {(byte) 0xff});
    assertRejected("not-utf8", "42é".getBytes(ISO_8859_1));
    assertRejected("not-utf8", new byte[] {'1', (byte) 0xc0, (byte) 0x80}); // overlong NUL
    assertRejected("not-utf8", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}); // surrogate
    byte[] cutAtTheEndOfManyChunks = new byte[900 * 1024];
    Arrays.fill(cutAtTheEndOfManyChunks, (byte) 'x');
    cutAtTheEndOfManyChunks[cutAtTheEndOfManyChunks.length - 1] = (byte) 0xe2;
    assertRejected("not-utf8", cutAtTheEndOfManyChunks);
  }

  @Test
  void nullIsATombstone() {
    assertRejected("tombstone", null);
  }

  @Test
  void hugeValuesAreRead() {
    byte[] zeros = new byte[900 * 1024];
    Arrays.fill(zeros, (byte) '0');
    assertInteger(0, zeros);
    Arrays.fill(zeros, (byte) '9');
    assertRejected("out-of-range", zeros);
    Arrays.fill(zeros, (byte) ' ');
    assertRejected("empty", zeros);
  }

  /** Against BigInteger, on digits around the ends of the range. */
  @Test
  void agreesWithBigInteger() {
    SplittableRandom random = new SplittableRandom(64);
    for (int i = 0; i < 200_000; i++) {
      BigInteger end = BigInteger.valueOf(random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE);
      BigInteger number = end.add(BigInteger.valueOf(random.nextInt(-50, 50)));
      number = i % 3 == 0 ? BigInteger.valueOf(random.nextLong() >> random.nextInt(64)) : number;
      byte[] text = number.toString().getBytes(UTF_8);
      if (number.bitLength() < 64) {
        assertInteger(number.longValue(), text);
      } else {
        assertRejected("out-of-range", text);
      }
    }
  }

  private static void assertInteger(long expected, byte[] text) {
    assertEquals(expected, IntegerText.parse(text));
    assertNull(IntegerText.rejectReason(text));
  }

  private static void assertRejected(String reason, byte[] text) {
    assertNull(IntegerText.parse(text));
    assertEquals(reason, IntegerText.rejectReason(text).toString());
  }
}
