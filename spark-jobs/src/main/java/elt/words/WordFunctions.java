package elt.words;

import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.types.AbstractDataType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ObjectType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Function1;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * The SQL functions of this package. They are expressions that Spark compiles into its generated code
 * as plain static calls; all are deterministic.
 *
 * <ul>
 *   <li>{@code number_to_french(BIGINT [, spelling [, region]]) → STRING}: NULL for NULL. Spelling
 *       {@code 'traditional'} or {@code 'reform-1990'}, region {@code 'FR'}, {@code 'BE'} or {@code
 *       'CH'}; both constant.
 *   <li>{@code integer_from_text(BINARY) → BIGINT}: NULL where the next function has a reason.
 *   <li>{@code integer_reject_reason(BINARY) → STRING}: NULL for an integer.
 * </ul>
 */
public final class WordFunctions {
  private static final ObjectType STYLE = new ObjectType(FrenchStyle.class);

  private WordFunctions() {}

  /** Makes the functions known to the session's SQL; doing it again changes nothing. */
  public static void register(SparkSession spark) {
    register(spark, "number_to_french", WordFunctions::numberToFrench);
    register(spark, "integer_from_text", WordFunctions::integerFromText);
    register(spark, "integer_reject_reason", WordFunctions::integerRejectReason);
  }

  private static void register(
      SparkSession spark, String name, Function1<Seq<Expression>, Expression> builder) {
    spark.sessionState().functionRegistry().createOrReplaceTempFunction(name, builder, "built-in");
  }

  private static Expression numberToFrench(Seq<Expression> arguments) {
    expectArguments("number_to_french(n [, spelling [, region]])", arguments, 1, 3);
    DataType type = arguments.apply(0).dataType();
    if (!(type instanceof IntegralType || type instanceof NullType)) {
      throw new IllegalArgumentException(
          "number_to_french takes a whole number, not %s; from bytes or text: number_to_french(integer_from_text(…))"
              .formatted(type.sql()));
    }
    FrenchStyle style =
        FrenchStyle.named(
            constant("spelling", arguments, 1, "traditional"), constant("region", arguments, 2, "FR"));
    return call(
        FrenchNumbers.class,
        "words",
        DataTypes.StringType,
        List.of(arguments.apply(0), new Literal(style, STYLE)),
        List.of(DataTypes.LongType, STYLE),
        true);
  }

  private static Expression integerFromText(Seq<Expression> arguments) {
    expectArguments("integer_from_text(bytes)", arguments, 1, 1);
    return call(
        IntegerText.class,
        "parse",
        DataTypes.LongType,
        List.of(arguments.apply(0)),
        List.of(DataTypes.BinaryType),
        true);
  }

  private static Expression integerRejectReason(Seq<Expression> arguments) {
    expectArguments("integer_reject_reason(bytes)", arguments, 1, 1);
    return call(
        IntegerText.class,
        "rejectReason",
        DataTypes.StringType,
        List.of(arguments.apply(0)),
        List.of(DataTypes.BinaryType),
        false);
  }

  private static Expression call(
      Class<?> owner,
      String method,
      DataType result,
      List<Expression> arguments,
      List<AbstractDataType> types,
      boolean nullForNull) {
    boolean nullable = true;
    boolean deterministic = true;
    return new StaticInvoke(
        owner, result, method, seq(arguments), seq(types), nullForNull, nullable, deterministic);
  }

  private static void expectArguments(String usage, Seq<Expression> arguments, int min, int max) {
    if (arguments.size() < min || arguments.size() > max) {
      throw new IllegalArgumentException("%s got %d arguments".formatted(usage, arguments.size()));
    }
  }

  private static String constant(String what, Seq<Expression> arguments, int index, String otherwise) {
    if (index >= arguments.size()) {
      return otherwise;
    }
    Expression argument = arguments.apply(index);
    if (!argument.foldable() || !(argument.dataType().equals(DataTypes.StringType))) {
      throw new IllegalArgumentException(
          "number_to_french takes a constant string as its %s, not %s".formatted(what, argument.sql()));
    }
    UTF8String value = (UTF8String) argument.eval(null);
    return value == null ? null : value.toString();
  }

  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toSeq();
  }
}
