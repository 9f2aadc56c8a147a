package elt.driver;

import java.util.List;
import org.apache.iceberg.exceptions.CommitFailedException;

/** A driver without Spark, for {@link DriverMainTest}: what it does is the pipeline's name. */
public final class DriverProcess {
  private DriverProcess() {}

  public static void main(String[] args) {
    DriverMain.run(args, RecoverSpec::parse, DriverProcess::act);
  }

  private static RunState act(DriverContext<RecoverSpec> context) {
    System.out.println("a library prints to stdout");
    context.events().started(context.spec().stage(), context.sinceMainMs());
    return switch (context.spec().pipeline()) {
      case "succeed" -> RunState.SUCCEEDED;
      case "fenced" -> RunState.FENCED;
      case "code" -> throw new IllegalStateException(new DriverException("topic-missing", "There is no topic"));
      case "bug" -> throw new NullPointerException();
      case "memory" -> throw new OutOfMemoryError("as in life");
      case "race" -> throw new CommitFailedException("again and again");
      case "wait" -> context.stop().await(60_000) ? RunState.STOPPED : RunState.FAILED;
      default -> throw new AssertionError(List.of(context.spec()));
    };
  }
}
