package elt.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.LocalSpark;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.debug.package$;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions as plain SQL sees them, on a real Spark. */
class WordFunctionsTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @BeforeAll
  static void register() {
    WordFunctions.register(SPARK);
    WordFunctions.register(SPARK);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "number_to_french(71)|soixante et onze",
        "number_to_french(-9223372036854775807 - 1)|moins neuf trillions deux cent vingt-trois billiards trois cent soixante-douze billions trente-six milliards huit cent cinquante-quatre millions sept cent soixante-quinze mille huit cent huit",
        "number_to_french(cast(0 as tinyint))|zéro",
        "number_to_french(2200, 'reform-1990')|deux-mille-deux-cents",
        "number_to_french(2200, concat('reform-', '1990'))|deux-mille-deux-cents",
        "number_to_french(91, 'traditional', 'CH')|nonante et un",
        "number_to_french(NULL)|",
        "number_to_french(cast(NULL as int), 'traditional', 'BE')|",
        "number_to_french(integer_from_text('007'))|sept",
        "integer_from_text(cast(' -12\\n' as binary))|-12",
        "integer_from_text('12.5')|",
        "integer_from_text(NULL)|",
        "integer_reject_reason(cast('12' as binary))|",
        "integer_reject_reason('1e3')|not-an-integer",
        "integer_reject_reason(NULL)|tombstone",
        "integer_reject_reason(X'ff')|not-utf8",
      })
  void values(String expression, String expected) {
    Object value = SPARK.sql("SELECT " + expression).first().get(0);
    assertEquals(expected, value == null ? null : value.toString());
  }

  @Test
  void rowsGoThroughGeneratedCodeOnly() {
    Dataset<Row> words =
        SPARK
            .range(0, 1000, 1, 2)
            .selectExpr(
                "number_to_french(IF(id % 10 = 0, NULL, id)) AS words",
                "integer_from_text(cast(cast(id AS string) AS binary)) AS number",
                "integer_reject_reason(cast(cast(id AS string) AS binary)) AS reason");
    assertEquals(900, words.filter("words IS NOT NULL").count());
    assertEquals(1000, words.filter("number IS NOT NULL AND reason IS NULL").count());
    String code = package$.MODULE$.codegenString(words.queryExecution().executedPlan());
    assertTrue(code.contains("elt.words.FrenchNumbers.words("), code);
    assertTrue(code.contains("elt.words.IntegerText.parse("), code);
    assertTrue(code.contains("elt.words.IntegerText.rejectReason("), code);
  }

  @Test
  void interpretedExecutionGivesTheSame() {
    List<Row> rows =
        SPARK
            .sql(
                "SELECT number_to_french(n, 'traditional', 'BE'), integer_reject_reason(b)"
                    + " FROM VALUES (99, X'31'), (NULL, NULL) AS t(n, b)")
            .collectAsList();
    assertEquals("[[nonante-neuf,null], [null,tombstone]]", rows.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "number_to_french('71')",
        "number_to_french(12.5)",
        "number_to_french(12345678901234567890)",
        "number_to_french()",
        "number_to_french(1, 'traditional', 'FR', 'x')",
        "number_to_french(1, 'Reform')",
        "number_to_french(1, 'traditional', NULL)",
        "number_to_french(id, cast(id as string))",
        "integer_from_text(id)",
        "integer_reject_reason()"
      })
  void misuseIsRefusedBeforeARowIsRead(String expression) {
    Dataset<Row> range = SPARK.range(1).toDF();
    Exception refused = assertThrows(Exception.class, () -> range.selectExpr(expression));
    String function = expression.substring(0, expression.indexOf('('));
    assertTrue(
        refused.getMessage().contains(function) || refused.getMessage().contains("DATATYPE_MISMATCH"),
        refused.getMessage());
  }
}
