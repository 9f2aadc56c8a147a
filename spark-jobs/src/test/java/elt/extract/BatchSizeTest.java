package elt.extract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BatchSizeTest {
  private static final long MAX = 2_000_000;

  @Test
  void startsSmallAndGrowsAsFarAsTheIntervalAllows() {
    long max = 10_000_000;
    BatchSize size = BatchSize.first(max);
    assertEquals(100_000, size.rows());
    size = size.after(100_000, 600_000, 2_000, 10_000, max);
    assertEquals(400_000, size.rows());
    size = size.after(400_000, 2_400_000, 100, 10_000, max);
    assertEquals(6_400_000, size.rows(), "sixteenfold at most");
    size = size.after(6_400_000, 38_400_000, 1_900, 10_000, max);
    assertEquals(max, size.rows());
  }

  @Test
  void growthAimsAtFourFifthsOfTheInterval() {
    assertEquals(200_000, new BatchSize(100_000, 6).after(100_000, 600_000, 4_000, 10_000, MAX).rows());
  }

  @Test
  void theLimitHoldsForTheFirstBatchToo() {
    assertEquals(1_000, BatchSize.first(1_000).rows());
  }

  @Test
  void aBatchThatTookLongerThanTheIntervalShrinksTheNext() {
    BatchSize size = new BatchSize(2_000_000, 1_000).after(2_000_000, 2_000_000_000, 40_000, 10_000, MAX);
    assertEquals(400_000, size.rows());
  }

  @Test
  void aBatchThatNearlyFillsTheIntervalKeepsTheSize() {
    assertEquals(100_000, new BatchSize(100_000, 1_000).after(100_000, 1_000_000, 9_000, 10_000, MAX).rows());
  }

  @Test
  void hugeRecordsComeDownToOneRowAtLeast() {
    assertEquals(1, new BatchSize(1, 1_000).after(1, 900_000_000, 60_000, 1_000, MAX).rows());
  }

  @Test
  void aSlowMachineDoesNotDriveSmallBatchesDownToNothing() {
    BatchSize size = BatchSize.first(3_000);
    for (int i = 0; i < 10; i++) {
      size = size.after(3_000, 20_000, 900, 200, 3_000);
    }
    assertEquals(3_000, size.rows());
  }

  @Test
  void aSmallBatchInFollowModeDoesNotShrinkTheNext() {
    assertEquals(1_600_000, new BatchSize(1_600_000, 100).after(10, 1_000, 400, 10_000, MAX).rows());
  }

  @Test
  void smallBatchesAreOneFileLargeOnesOnePerCore() {
    BatchSize size = new BatchSize(MAX, 100);
    assertEquals(1, size.tasks(1_000, 8));
    assertEquals(8, size.tasks(2_000_000, 8));
    assertTrue(size.tasks(200_000, 8) > 1);
  }

  @Test
  void fewButHugeRecordsUseAllCoresToo() {
    assertEquals(8, new BatchSize(100, 900_000).tasks(100, 8));
  }

  @Test
  void filesThatWouldGetTooLargeAreCutInWholeWaves() {
    // 2 million rows of 1 KB: 2 GiB, at most 512 MiB each, on 3 cores
    assertEquals(6, new BatchSize(MAX, 1_000).tasks(2_000_000, 3));
  }
}
