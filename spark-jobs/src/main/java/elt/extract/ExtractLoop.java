package elt.extract;

import elt.driver.DriverException;
import elt.driver.Mode;
import elt.driver.Outages;
import elt.driver.RunState;
import elt.driver.StopSignal;

/** EXTRACT's rhythm: one step after the other, until caught up (drain) or stopped (follow). */
final class ExtractLoop {
  private static final long IDLE_POLL_MS = 1_000;

  private final ExtractStep step;
  private final Mode mode;
  private final long commitIntervalMs;
  private final StopSignal stop;
  private final Outages outages;

  ExtractLoop(
      ExtractStep step, Mode mode, long commitIntervalMs, StopSignal stop, Outages outages) {
    this.step = step;
    this.mode = mode;
    this.commitIntervalMs = commitIntervalMs;
    this.stop = stop;
    this.outages = outages;
  }

  /**
   * Runs to the end.
   *
   * @return SUCCEEDED, STOPPED or FENCED
   * @throws DriverException when going on would lose or double rows, or a drain run lost its patience
   */
  RunState run() {
    try (step) {
      return untilTheEnd();
    }
  }

  private RunState untilTheEnd() {
    while (!stop.isRequested()) {
      long startedNanos = System.nanoTime();
      switch (step()) {
        case FENCED -> {
          return RunState.FENCED;
        }
        case CAUGHT_UP -> {
          if (mode == Mode.DRAIN) {
            return RunState.SUCCEEDED;
          }
          stop.await(IDLE_POLL_MS);
        }
        case COMMITTED_ALL -> {
          if (mode == Mode.FOLLOW) {
            stop.await(Math.max(0, commitIntervalMs - (System.nanoTime() - startedNanos) / 1_000_000));
          }
        }
        case AT_ONCE, ABANDONED -> {}
      }
    }
    return RunState.STOPPED;
  }

  private ExtractStep.Next step() {
    try {
      return outages.retry(KafkaFailures.UNREACHABLE, step::run);
    } catch (DriverException failure) {
      // Waiting ends this way when stop is asked for.
      if (stop.isRequested() && failure.code().endsWith("-unreachable")) {
        return ExtractStep.Next.ABANDONED;
      }
      throw failure;
    }
  }
}
