package elt.transform;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.types.DataTypes;
import scala.Function1;
import scala.collection.Seq;

/** The SQL function {@code pause_for_claim(bytes) → bytes}, which does something once, in the middle of a batch. */
public final class TestPause {
  private static final AtomicReference<Runnable> ONCE = new AtomicReference<>();

  private TestPause() {}

  static void register(SparkSession spark, Runnable once) {
    ONCE.set(once);
    Function1<Seq<Expression>, Expression> builder =
        arguments ->
            new StaticInvoke(
                TestPause.class,
                DataTypes.BinaryType,
                "pause",
                Scala.seq(List.of(arguments.apply(0))),
                Scala.seq(List.of(DataTypes.BinaryType)),
                true,
                true,
                true);
    spark.sessionState().functionRegistry().createOrReplaceTempFunction("pause_for_claim", builder, "built-in");
  }

  /** Called from generated code. */
  public static byte[] pause(byte[] value) {
    Runnable once = ONCE.getAndSet(null);
    if (once != null) {
      once.run();
    }
    return value;
  }
}
