package elt.words;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Numbers in French words: every signed 64-bit value, long scale (million, milliard, billion …).
 *
 * <p>The words are copied backwards, last group of three digits first, into one buffer; nothing else
 * is allocated but the result.
 */
public final class FrenchNumbers {
  /** Bytes that no number needs: seven groups of at most 33 bytes, their nouns, and "moins ". */
  private static final int LONGEST = 320;

  private static final UTF8String ZERO = UTF8String.fromString("zéro");
  private static final byte[] MINUS = "moins ".getBytes(UTF_8);
  private static final byte[] SPACE = {' '};
  private static final byte[] MILLE = "mille".getBytes(UTF_8);
  private static final byte[][] NOUN = utf8("", "", "million", "milliard", "billion", "billiard", "trillion");
  private static final byte[][] NOUNS =
      utf8("", "", "millions", "milliards", "billions", "billiards", "trillions");
  private static final Map<FrenchStyle, FrenchNumbers> BY_STYLE = new EnumMap<>(FrenchStyle.class);

  static {
    for (FrenchStyle style : FrenchStyle.values()) {
      BY_STYLE.put(style, new FrenchNumbers(new FrenchHundreds(style)));
    }
  }

  private final FrenchHundreds hundreds;
  private final byte[] joint;

  private FrenchNumbers(FrenchHundreds hundreds) {
    this.hundreds = hundreds;
    this.joint = hundreds.joint().getBytes(UTF_8);
  }

  /** The number's words in the given style; called from the code that Spark generates. */
  public static UTF8String words(long number, FrenchStyle style) {
    return number == 0 ? ZERO : BY_STYLE.get(style).wordsOf(number);
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
    return UTF8String.fromBytes(Arrays.copyOfRange(text, start, LONGEST));
  }

  /** Puts group × 1000^rank in front of what is there already. */
  private int group(int group, int rank, byte[] text, int start) {
    return switch (rank) {
      case 0 -> before(text, start, hundreds.alone(group));
      case 1 -> thousands(group, text, start);
      default -> {
        int at = start == LONGEST ? start : before(text, start, SPACE);
        at = before(text, at, group == 1 ? NOUN[rank] : NOUNS[rank]);
        yield before(text, before(text, at, SPACE), hundreds.alone(group));
      }
    };
  }

  /** Mille never varies and is never "un mille". */
  private int thousands(int group, byte[] text, int start) {
    int at = before(text, start == LONGEST ? start : before(text, start, joint), MILLE);
    return group == 1 ? at : before(text, before(text, at, joint), hundreds.beforeNumeral(group));
  }

  private static int before(byte[] text, int start, byte[] word) {
    int at = start - word.length;
    System.arraycopy(word, 0, text, at, word.length);
    return at;
  }

  private static byte[][] utf8(String... words) {
    return Arrays.stream(words).map(word -> word.getBytes(UTF_8)).toArray(byte[][]::new);
  }
}
