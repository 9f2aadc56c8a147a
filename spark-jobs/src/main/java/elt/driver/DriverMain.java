package elt.driver;

import java.io.PrintStream;
import java.util.function.Function;

/**
 * What the mains share: parse the argument, install the stop signal, run the stage, write the {@code end} event, exit 0
 * (succeeded, stopped), 1 (failed) or 7 (fenced).
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *   DriverMain.run(args, ExtractSpec::parse, ExtractDriver::extract);
 * }
 * }</pre>
 */
public final class DriverMain {
  /** A stage's work; returns how it ended or throws, which is FAILED (a {@link DriverException} gives the code). */
  @FunctionalInterface
  public interface Stage<S extends DriverSpec> {
    RunState run(DriverContext<S> context) throws Exception;
  }

  private DriverMain() {}

  /** Runs the stage and exits the JVM. */
  public static <S extends DriverSpec> void run(String[] args, Function<String, S> parser, Stage<S> stage) {
    long startedNanos = System.nanoTime();
    PrintStream events = System.out;
    // Stdout is for events alone: whatever a library prints goes where the logs go.
    System.setOut(System.err);
    RunState state = execute(args, parser, stage, events, StopSignal.install(), startedNanos);
    System.exit(state.exitCode());
  }

  static <S extends DriverSpec> RunState execute(
      String[] args, Function<String, S> parser, Stage<S> stage, PrintStream out, StopSignal stop, long startedNanos) {
    S spec;
    try {
      spec = parser.apply(onlyArgument(args));
    } catch (DriverException invalid) {
      new Events(out, null).end(RunState.FAILED, invalid);
      return RunState.FAILED;
    }
    Metrics metrics = Metrics.to(spec.statsd(), spec.pipeline(), spec.stage());
    Events events = new Events(out, spec.runId(), metrics);
    try (metrics) {
      RunState state = stage.run(new DriverContext<>(spec, events, stop, new Outages(events, stop), startedNanos));
      events.end(state, state == RunState.FENCED ? fenced(spec) : null);
      return state;
    } catch (Throwable failure) {
      failure.printStackTrace();
      events.end(RunState.FAILED, coded(failure));
      return RunState.FAILED;
    }
  }

  private static String onlyArgument(String[] args) {
    if (args.length != 1) {
      throw new DriverException(
          "invalid-spec", "Expected one argument, a JSON object, got " + args.length + ". Start runs with: elt run");
    }
    return args[0];
  }

  private static DriverException fenced(DriverSpec spec) {
    return new DriverException(
        "fenced",
        "Another run has claimed "
            + spec.table()
            + " since run "
            + spec.runId()
            + " did. What this run had committed stays; nothing else was written. See who owns it: elt status");
  }

  private static DriverException coded(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof DriverException coded) {
        return coded;
      }
    }
    return new DriverException(OutageKinds.code(failure), OutageKinds.describe(failure), failure);
  }
}
