package elt.words;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Numbers in French words: every signed 64-bit value, long scale (million, milliard, billion …).
 *
 * <p>The words are copied backwards, last group of three digits first, into one buffer; nothing else is
 * allocated but the result. Each word carries the separator that follows it; the last one is cut off.
 */
public final class FrenchNumbers {
  /** Bytes that no number needs: seven groups of at most 40, their nouns, and "moins ". */
  private static final int LONGEST = 320;

  private static final UTF8String ZERO = UTF8String.fromString("zéro");
  private static final byte[] MINUS = "moins ".getBytes(UTF_8);
  private static final byte[][] NOUN =
      utf8(Stream.of("", "", "million ", "milliard ", "billion ", "billiard ", "trillion "));
  private static final byte[][] NOUNS =
      utf8(Stream.of("", "", "millions ", "milliards ", "billions ", "billiards ", "trillions "));
  private static final FrenchNumbers[] BY_STYLE =
      Arrays.stream(FrenchStyle.values())
          .map(style -> new FrenchNumbers(new FrenchHundreds(style)))
          .toArray(FrenchNumbers[]::new);

  private final byte[][] hundreds;
  private final byte[][] thousands;

  private FrenchNumbers(FrenchHundreds words) {
    hundreds = ofEachGroup(n -> words.alone(n) + " ");
    thousands = ofEachGroup(n -> words.thousands(n) + words.joint());
  }

  private static byte[][] ofEachGroup(IntFunction<String> words) {
    return utf8(IntStream.range(0, 1000).mapToObj(words));
  }

  private static byte[][] utf8(Stream<String> words) {
    return words.map(word -> word.getBytes(UTF_8)).toArray(byte[][]::new);
  }

  /** The number's words in the given style; called from the code that Spark generates. */
  public static UTF8String words(long number, FrenchStyle style) {
    return number == 0 ? ZERO : BY_STYLE[style.ordinal()].wordsOf(number);
  }

  private UTF8String wordsOf(long number) {
    byte[] text = new byte[LONGEST];
    int start = LONGEST;
    // The rest stays negative or zero: -2^63 has no positive counterpart.
    long rest = number > 0 ? -number : number;
    for (int rank = 0; rest != 0; rank++, rest /= 1000) {
      int group = (int) -(rest % 1000);
      if (group != 0) {
        start = group(group, rank, text, start);
      }
    }
    if (number < 0) {
      start = before(text, start, MINUS);
    }
    return UTF8String.fromBytes(Arrays.copyOfRange(text, start, LONGEST - 1));
  }

  /** Puts group × 1000^rank in front of what is there already. */
  private int group(int group, int rank, byte[] text, int start) {
    return switch (rank) {
      case 0 -> before(text, start, hundreds[group]);
      case 1 -> before(text, start, thousands[group]);
      default -> {
        byte[] noun = group == 1 ? NOUN[rank] : NOUNS[rank];
        yield before(text, before(text, start, noun), hundreds[group]);
      }
    };
  }

  private static int before(byte[] text, int start, byte[] word) {
    int at = start - word.length;
    System.arraycopy(word, 0, text, at, word.length);
    return at;
  }
}
