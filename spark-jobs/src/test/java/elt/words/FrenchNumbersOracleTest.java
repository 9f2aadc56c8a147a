package elt.words;

import static elt.words.FrenchNumbersTest.words;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Every number from 0 to 999,999 and a million random 64-bit ones against two other implementations.
 * Repeat a run with {@code -Delt.seed=SEED}.
 */
class FrenchNumbersOracleTest {
  private static final int MILLION = 1_000_000;
  private static final UnaryOperator<String> AS_IT_IS = words -> words;

  /** n2words also puts hyphens around minus and the nouns, which the reform leaves alone. */
  private static final UnaryOperator<String> HYPHENS_EVERYWHERE = words -> words.replace(' ', '-');

  private final long seed = Long.getLong("elt.seed", System.nanoTime());

  @Test
  void agreesWithTwoOtherImplementations() throws Exception {
    System.out.println("FrenchNumbersOracleTest: -Delt.seed=" + seed);
    Oracle num2words = Oracle.num2words();
    Supplier<LongStream> small = () -> LongStream.range(0, MILLION);
    List<Callable<Void>> comparisons = new ArrayList<>();
    for (Supplier<LongStream> numbers : List.of(random(0), random(1), small)) {
      comparisons.add(comparison(num2words, numbers, FrenchStyle.TRADITIONAL_FR, AS_IT_IS));
    }
    for (Supplier<LongStream> numbers : List.of(small, random(0), random(1))) {
      comparisons.add(
          comparison(Oracle.n2words("fr-FR"), numbers, FrenchStyle.TRADITIONAL_FR, AS_IT_IS));
      comparisons.add(
          comparison(Oracle.n2words("fr-BE"), numbers, FrenchStyle.TRADITIONAL_BE, AS_IT_IS));
      comparisons.add(
          comparison(
              Oracle.n2words("fr-FR", "hyphens"), numbers, FrenchStyle.REFORM_1990_FR, HYPHENS_EVERYWHERE));
      comparisons.add(
          comparison(
              Oracle.n2words("fr-BE", "hyphens"), numbers, FrenchStyle.REFORM_1990_BE, HYPHENS_EVERYWHERE));
    }
    run(comparisons);
  }

  /** Half a million random numbers; the two halves together are the million. */
  private Supplier<LongStream> random(int half) {
    return () -> new SplittableRandom(seed + half).longs(MILLION / 2);
  }

  private static Callable<Void> comparison(
      Oracle oracle, Supplier<LongStream> numbers, FrenchStyle style, UnaryOperator<String> as) {
    return () -> {
      oracle.assertAgrees(numbers, number -> words(number, style), as);
      return null;
    };
  }

  private static void run(List<Callable<Void>> comparisons) throws Exception {
    var threads = Executors.newFixedThreadPool(2);
    try {
      for (Future<Void> comparison : threads.invokeAll(comparisons)) {
        comparison.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
