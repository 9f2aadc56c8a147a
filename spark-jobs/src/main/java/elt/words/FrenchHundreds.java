package elt.words;

import elt.words.FrenchStyle.Region;
import elt.words.FrenchStyle.Spelling;

/** The words of 1 to 999 in one style: everything above is put together from these. */
final class FrenchHundreds {
  private static final String[] BELOW_TWENTY = {
    "", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"
  };
  private static final String[] TENS = {
    "", "", "vingt", "trente", "quarante", "cinquante", "soixante", "septante", "huitante", "nonante"
  };

  private final Region region;
  private final String joint;

  FrenchHundreds(FrenchStyle style) {
    region = style.region();
    joint = style.spelling() == Spelling.REFORM_1990 ? "-" : " ";
  }

  /** The words where no numeral follows (the end, or a noun such as million): {@code deux cents}. */
  String alone(int n) {
    return hundreds(n, "s");
  }

  /** So many thousands; mille never varies, is never "un mille", and is a numeral: {@code deux cent mille}. */
  String thousands(int n) {
    return n == 1 ? "mille" : hundreds(n, "") + joint + "mille";
  }

  /** What joins two numerals: a space, or since 1990 a hyphen. */
  String joint() {
    return joint;
  }

  private String hundreds(int n, String plural) {
    int hundreds = n / 100;
    int rest = n % 100;
    if (hundreds == 0) {
      return tens(rest, plural);
    }
    String cent = hundreds == 1 ? "cent" : BELOW_TWENTY[hundreds] + joint + "cent";
    if (rest == 0) {
      return hundreds == 1 ? cent : cent + plural;
    }
    return cent + joint + tens(rest, plural);
  }

  private String tens(int n, String plural) {
    int tens = n / 10;
    if (n < 20) {
      return BELOW_TWENTY[n];
    }
    if (region == Region.FR && tens == 7) {
      return join("soixante", n - 60);
    }
    if (region == Region.FR && tens == 9 || region != Region.CH && tens == 8) {
      return n == 80 ? "quatre-vingt" + plural : "quatre-vingt-" + BELOW_TWENTY[n - 80];
    }
    return join(TENS[tens], n % 10);
  }

  /** 21, 31 … 61 and 71 take "et": {@code vingt et un}, {@code soixante et onze}. */
  private String join(String tens, int rest) {
    return switch (rest) {
      case 0 -> tens;
      case 1, 11 -> tens + joint + "et" + joint + BELOW_TWENTY[rest];
      default -> tens + "-" + BELOW_TWENTY[rest];
    };
  }
}
