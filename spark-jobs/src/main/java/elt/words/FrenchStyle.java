package elt.words;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A way to write French numbers: a spelling together with a region. */
public enum FrenchStyle {
  TRADITIONAL_FR(Spelling.TRADITIONAL, Region.FR),
  TRADITIONAL_BE(Spelling.TRADITIONAL, Region.BE),
  TRADITIONAL_CH(Spelling.TRADITIONAL, Region.CH),
  REFORM_1990_FR(Spelling.REFORM_1990, Region.FR),
  REFORM_1990_BE(Spelling.REFORM_1990, Region.BE),
  REFORM_1990_CH(Spelling.REFORM_1990, Region.CH);

  /** How the numerals of a compound are joined. */
  public enum Spelling {
    /** Hyphens only between tens and units below a hundred: {@code deux cent vingt et un}. */
    TRADITIONAL("traditional"),
    /** The orthography of 1990: hyphens between all numerals: {@code deux-cent-vingt-et-un}. */
    REFORM_1990("reform-1990");

    private final String label;

    Spelling(String label) {
      this.label = label;
    }
  }

  /** Where 70, 80 and 90 are soixante-dix, quatre-vingts, quatre-vingt-dix (FR) or have names of their own. */
  public enum Region {
    FR,
    /** {@code septante}, {@code nonante}; 80 stays {@code quatre-vingts}. */
    BE,
    /** {@code septante}, {@code huitante}, {@code nonante}. */
    CH
  }

  private final Spelling spelling;
  private final Region region;

  FrenchStyle(Spelling spelling, Region region) {
    this.spelling = spelling;
    this.region = region;
  }

  /**
   * The style with these names, as they are written in SQL.
   *
   * @throws IllegalArgumentException naming the unknown value and the known ones
   */
  public static FrenchStyle named(String spelling, String region) {
    return of(spellingNamed(spelling), regionNamed(region));
  }

  private static FrenchStyle of(Spelling spelling, Region region) {
    return Arrays.stream(values())
        .filter(style -> style.spelling == spelling && style.region == region)
        .findFirst()
        .orElseThrow();
  }

  private static Spelling spellingNamed(String name) {
    return Arrays.stream(Spelling.values())
        .filter(spelling -> spelling.label.equals(name))
        .findFirst()
        .orElseThrow(
            () -> unknown("spelling", name, Arrays.stream(Spelling.values()).map(s -> s.label)));
  }

  private static Region regionNamed(String name) {
    return Arrays.stream(Region.values())
        .filter(region -> region.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown("region", name, Arrays.stream(Region.values()).map(Region::name)));
  }

  private static IllegalArgumentException unknown(
      String what, String name, java.util.stream.Stream<String> known) {
    return new IllegalArgumentException(
        "number_to_french has no %s %s; known: %s"
            .formatted(
                what,
                name == null ? "NULL" : "'" + name + "'",
                known.map(k -> "'" + k + "'").collect(Collectors.joining(", "))));
  }

  Spelling spelling() {
    return spelling;
  }

  Region region() {
    return region;
  }
}
