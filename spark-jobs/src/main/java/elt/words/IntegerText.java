package elt.words;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Which bytes are the text of a 64-bit integer, and why others are not.
 *
 * <p>An integer is an optional {@code +} or {@code -} and then one or more digits 0 to 9, with blanks
 * before and after it ignored: space, tab, line feed, carriage return, which is what shells, editors
 * and line-wise producers leave behind. Leading zeros count for nothing ({@code 007} is 7, {@code -0}
 * is 0). Everything else is no integer: {@code 1e3}, {@code 12.5}, {@code NaN}, digits of other scripts,
 * no-break spaces, a byte order mark, NUL bytes, blanks between the digits.
 */
public final class IntegerText {
  private static final UTF8String TOMBSTONE = UTF8String.fromString("tombstone");
  private static final UTF8String NOT_UTF8 = UTF8String.fromString("not-utf8");
  private static final UTF8String EMPTY = UTF8String.fromString("empty");
  private static final UTF8String NOT_AN_INTEGER = UTF8String.fromString("not-an-integer");
  private static final UTF8String OUT_OF_RANGE = UTF8String.fromString("out-of-range");

  /** So many digits fit into 64 bits whatever they are. */
  private static final int SAFE_DIGITS = 18;

  private static final int DECODED_CHARS = 4096;

  private IntegerText() {}

  /** The integer, or null where {@link #rejectReason} has a reason. */
  public static Long parse(byte[] text) {
    if (text == null) {
      return null;
    }
    int end = endWithoutBlanks(text);
    int start = startWithoutBlanks(text, end);
    int digits = start < end && isSign(text[start]) ? start + 1 : start;
    if (digits == end) {
      return null;
    }
    boolean negative = text[start] == '-';
    // Collected below zero, where there is room for -2^63.
    long limit = negative ? Long.MIN_VALUE : -Long.MAX_VALUE;
    long value = 0;
    for (int i = digits; i < end; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      if (i - digits >= SAFE_DIGITS && (value < limit / 10 || value * 10 < limit + digit)) {
        return null;
      }
      value = value * 10 - digit;
    }
    return negative ? value : -value;
  }

  /**
   * Null for an integer, otherwise one of {@code tombstone} (NULL), {@code not-utf8}, {@code empty}
   * (nothing but blanks), {@code not-an-integer}, {@code out-of-range} (beyond 64 bits).
   */
  public static UTF8String rejectReason(byte[] text) {
    if (text == null) {
      return TOMBSTONE;
    }
    return parse(text) != null ? null : reasonAgainst(text);
  }

  private static UTF8String reasonAgainst(byte[] text) {
    if (!isUtf8(text)) {
      return NOT_UTF8;
    }
    int end = endWithoutBlanks(text);
    int start = startWithoutBlanks(text, end);
    if (start == end) {
      return EMPTY;
    }
    int digits = isSign(text[start]) ? start + 1 : start;
    for (int i = digits; i < end; i++) {
      if (text[i] < '0' || text[i] > '9') {
        return NOT_AN_INTEGER;
      }
    }
    return digits == end ? NOT_AN_INTEGER : OUT_OF_RANGE;
  }

  private static int endWithoutBlanks(byte[] text) {
    int end = text.length;
    while (end > 0 && isBlank(text[end - 1])) {
      end--;
    }
    return end;
  }

  private static int startWithoutBlanks(byte[] text, int end) {
    int start = 0;
    while (start < end && isBlank(text[start])) {
      start++;
    }
    return start;
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }

  private static boolean isSign(byte b) {
    return b == '+' || b == '-';
  }

  private static boolean isUtf8(byte[] text) {
    CharsetDecoder decoder =
        UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(text);
    CharBuffer out = CharBuffer.allocate(Math.min(text.length + 1, DECODED_CHARS));
    CoderResult result;
    do {
      out.clear();
      result = decoder.decode(in, out, true);
    } while (result.isOverflow());
    return !result.isError();
  }
}
