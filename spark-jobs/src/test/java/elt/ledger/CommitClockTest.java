package elt.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CommitClockTest {
  @Test
  void followsTheWallClockButNeverStandsStillOrGoesBack() {
    assertEquals(1_000, CommitClock.next(null, 1_000));
    assertEquals(1_000, CommitClock.next(999L, 1_000));
    assertEquals(1_001, CommitClock.next(1_000L, 1_000));
    assertEquals(5_001, CommitClock.next(5_000L, 1_000));
    assertThrows(ArithmeticException.class, () -> CommitClock.next(Long.MAX_VALUE, 1_000));
  }

  @Test
  void countsMicrosSince1970() {
    long before = System.currentTimeMillis() * 1000;
    long now = CommitClock.next(null);
    assertTrue(now >= before && now < before + 60_000_000, Long.toString(now));
  }
}
