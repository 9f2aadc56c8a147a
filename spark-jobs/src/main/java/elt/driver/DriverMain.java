package elt.driver;

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
    throw new UnsupportedOperationException("next commit");
  }
}
