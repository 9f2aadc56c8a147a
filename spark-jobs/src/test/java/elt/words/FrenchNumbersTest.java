package elt.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class FrenchNumbersTest {
  private static final FrenchStyle[] COLUMNS = {
    FrenchStyle.TRADITIONAL_FR,
    FrenchStyle.REFORM_1990_FR,
    FrenchStyle.TRADITIONAL_BE,
    FrenchStyle.TRADITIONAL_CH
  };

  @TestFactory
  List<DynamicTest> vectors() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : resource("/words/vectors.tsv").lines().skip(1).toList()) {
      String[] cells = line.split("\t", -1);
      for (int i = 0; i < COLUMNS.length; i++) {
        FrenchStyle style = COLUMNS[i];
        String expected = cells[i + 1];
        if (!expected.isEmpty()) {
          tests.add(
              DynamicTest.dynamicTest(
                  cells[0] + " " + style,
                  () -> assertEquals(expected, words(Long.parseLong(cells[0]), style))));
        }
      }
    }
    assertTrue(tests.size() > 200, "vectors.tsv has " + tests.size() + " vectors");
    return tests;
  }

  @Test
  void belgianAndSwissNumbersInTheSpellingOf1990() {
    assertEquals("cent-septante-et-un", words(171, FrenchStyle.REFORM_1990_BE));
    assertEquals("deux-cent-quatre-vingts", words(280, FrenchStyle.REFORM_1990_BE));
    assertEquals("huitante-et-un-mille-nonante-neuf", words(81_099, FrenchStyle.REFORM_1990_CH));
  }

  @Test
  void theReformOnlyChangesSpacesBetweenNumerals() {
    SplittableRandom random = new SplittableRandom(1990);
    for (int i = 0; i < 100_000; i++) {
      long n = random.nextLong() >> random.nextInt(64);
      String expected =
          words(n, FrenchStyle.TRADITIONAL_FR)
              .replace(' ', '-')
              .replaceAll("-?([mbt]r?illi(?:on|ard)s?)-?", " $1 ")
              .replace("moins-", "moins ")
              .strip();
      assertEquals(expected, words(n, FrenchStyle.REFORM_1990_FR), () -> "number " + n);
    }
  }

  @Test
  void everySignedNumberHasRoom() {
    long longest = -777_777_777_777_777_777L;
    assertEquals(
        "moins " + words(-longest, FrenchStyle.REFORM_1990_FR),
        words(longest, FrenchStyle.REFORM_1990_FR));
    assertEquals(
        "moins neuf trillions", words(-9_000_000_000_000_000_000L, FrenchStyle.TRADITIONAL_FR));
  }

  @Test
  void anUnknownSpellingOrRegionIsNamedTogetherWithTheKnownOnes() {
    var spelling =
        assertThrows(IllegalArgumentException.class, () -> FrenchStyle.named("modern", "FR"));
    assertEquals(
        "number_to_french has no spelling 'modern'; known: 'traditional', 'reform-1990'",
        spelling.getMessage());
    var region =
        assertThrows(IllegalArgumentException.class, () -> FrenchStyle.named("traditional", null));
    assertEquals(
        "number_to_french has no region NULL; known: 'FR', 'BE', 'CH'", region.getMessage());
  }

  static String words(long number, FrenchStyle style) {
    return FrenchNumbers.words(number, style).toString();
  }

  private static String resource(String path) throws IOException {
    try (var in = FrenchNumbersTest.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
