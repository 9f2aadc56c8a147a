package elt.transform;

import elt.driver.DriverException;
import elt.driver.Mode;
import elt.driver.Outages;
import elt.driver.RunState;
import elt.driver.StopSignal;
import elt.driver.TransformSpec;
import java.util.concurrent.Callable;

/** TRANSFORM's rhythm: one step after the other, until caught up (drain) or stopped (follow). */
final class TransformLoop {
  static final String UNREACHABLE = "lakehouse-unreachable";

  private static final long IDLE_POLL_MS = 1_000;

  private final Callable<TransformStep.Next> step;
  private final TransformSpec spec;
  private final StopSignal stop;
  private final Outages outages;

  TransformLoop(Callable<TransformStep.Next> step, TransformSpec spec, StopSignal stop, Outages outages) {
    this.step = step;
    this.spec = spec;
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
    while (!stop.isRequested()) {
      long startedNanos = System.nanoTime();
      switch (step()) {
        case FENCED -> {
          return RunState.FENCED;
        }
        case CAUGHT_UP -> {
          if (spec.mode() == Mode.DRAIN) {
            return RunState.SUCCEEDED;
          }
          stop.await(IDLE_POLL_MS);
        }
        case COMMITTED_ALL -> {
          if (spec.mode() == Mode.FOLLOW) {
            stop.await(Math.max(0, spec.commitIntervalMs() - (System.nanoTime() - startedNanos) / 1_000_000));
          }
        }
        case AT_ONCE, ABANDONED -> {}
      }
    }
    return RunState.STOPPED;
  }

  private TransformStep.Next step() {
    try {
      return outages.retry(UNREACHABLE, step);
    } catch (DriverException failure) {
      // Waiting ends this way when stop is asked for.
      if (stop.isRequested() && failure.code().equals(UNREACHABLE)) {
        return TransformStep.Next.ABANDONED;
      }
      throw failure;
    }
  }
}
