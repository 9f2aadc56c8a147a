package elt.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.LocalSpark;
import elt.driver.DriverException;
import elt.words.WordFunctions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineSqlTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final StructType RAW =
      StructType.fromDDL(
          "kafka_topic_id string, kafka_partition int, kafka_offset bigint, kafka_timestamp timestamp,"
              + " kafka_timestamp_ms bigint, kafka_key binary, kafka_value binary,"
              + " kafka_headers array<struct<key: string, value: binary>>, ingested_at timestamp");

  @BeforeAll
  static void tablesInTheWay() {
    WordFunctions.register(SPARK);
    SPARK.range(3).createOrReplaceTempView("other");
    SPARK.range(3).createOrReplaceTempView("raw");
  }

  @Test
  void theNumbersPipelineIsAProjection() throws IOException {
    SqlColumns columns = check(Files.readString(Path.of("../pipelines/numbers.sql"))).columns();
    assertEquals(
        List.of("number BIGINT", "words STRING"),
        columns.own().stream().map(PipelineSqlTest::ddl).toList());
    assertTrue(columns.hasRejectReason());
    assertFalse(columns.hasEventTime());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT kafka_value AS v FROM raw",
        "SELECT 1 AS one FROM raw;",
        "FROM raw SELECT 1 AS one",
        "SELECT r.kafka_value AS v FROM raw AS r",
        "SELECT integer_from_text(kafka_value) AS number, number_to_french(number) AS words, length(words) AS letters FROM raw",
        "SELECT transform(kafka_headers, h -> h.key) AS names, map('a', kafka_offset) AS m, struct(kafka_key) AS s FROM raw",
        "SELECT kafka_timestamp + INTERVAL 1 DAY AS event_time, CAST(NULL AS string) AS reject_reason, 1 AS x FROM raw",
        "SELECT from_json(CAST(kafka_value AS string), 'a int').a AS a, to_date('2026-11-22') AS d, date_add(to_date(kafka_timestamp), 1) AS e FROM raw",
        "SELECT CASE WHEN kafka_partition IN (1, 2) THEN 1.50 ELSE 2 END AS d, try_add(kafka_partition, 1) AS t FROM raw"
      })
  void projections(String sql) {
    check(sql);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT 1 AS a FROM raw WHERE kafka_offset > 1|WHERE",
        "SELECT 1 AS a FROM raw HAVING 1 = 1|HAVING",
        "SELECT 1 AS a FROM raw JOIN other ON true|a join",
        "SELECT 1 AS a FROM raw, other|a join",
        "SELECT 1 AS a FROM raw, raw r2|a join",
        "SELECT 1 AS a FROM raw, LATERAL (SELECT 1)|a lateral join",
        "SELECT explode(kafka_headers) AS h FROM raw|explode",
        "SELECT inline(kafka_headers) FROM raw|explode",
        "SELECT stack(2, 1, 2) AS a FROM raw|generator",
        "SELECT h AS a FROM raw LATERAL VIEW explode(kafka_headers) t AS h|LATERAL VIEW",
        "SELECT count(*) AS n FROM raw|aggregate",
        "SELECT max(kafka_offset) AS n FROM raw GROUP BY kafka_partition|GROUP BY",
        "SELECT row_number() OVER (ORDER BY kafka_offset) AS n FROM raw|window",
        "SELECT sum(kafka_offset) OVER w AS n FROM raw WINDOW w AS (PARTITION BY kafka_partition)|WINDOW",
        "SELECT 1 AS a FROM raw LIMIT 5|LIMIT",
        "SELECT 1 AS a FROM raw OFFSET 5|OFFSET",
        "SELECT 1 AS a FROM raw ORDER BY 1|ORDER BY",
        "SELECT 1 AS a FROM raw SORT BY kafka_offset|SORT BY",
        "SELECT 1 AS a FROM raw DISTRIBUTE BY kafka_offset|DISTRIBUTE BY",
        "SELECT DISTINCT kafka_partition AS a FROM raw|DISTINCT",
        "SELECT 1 AS a FROM raw UNION ALL SELECT 2 FROM raw|UNION",
        "SELECT 1 AS a FROM raw EXCEPT SELECT 2 FROM raw|EXCEPT",
        "SELECT 1 AS a FROM raw INTERSECT SELECT 2 FROM raw|INTERSECT",
        "SELECT (SELECT max(id) FROM other) AS a FROM raw|subquery in column a",
        "SELECT kafka_offset IN (SELECT id FROM other) AS a FROM raw|subquery in column a",
        "SELECT EXISTS (SELECT 1 FROM other WHERE id = kafka_offset) AS a FROM raw|subquery in column a",
        "SELECT a FROM (SELECT 1 AS a FROM raw)|a subquery in FROM",
        "WITH w AS (SELECT 1 AS a FROM raw) SELECT a FROM w|WITH",
        "WITH raw AS (SELECT 1 AS a) SELECT a FROM raw|WITH",
        "SELECT 1 AS a FROM other|reads the table other",
        "SELECT 1 AS a FROM lakehouse.raw.numbers|reads the table lakehouse.raw.numbers",
        "SELECT 1 AS a FROM raw.numbers|reads the table raw.numbers",
        "SELECT 1 AS a FROM raw VERSION AS OF 1|AS OF",
        "SELECT 1 AS a FROM raw TABLESAMPLE (10 PERCENT)|TABLESAMPLE",
        "SELECT /*+ REPARTITION(2) */ 1 AS a FROM raw|a hint",
        "SELECT 1 AS a FROM raw AS r(a, b, c, d, e, f, g, h, i)|column aliases in FROM",
        "SELECT id AS a FROM range(3)|table-valued function",
        "SELECT a FROM VALUES (1) AS t(a)|VALUES",
        "SELECT 1 AS a|no FROM",
        "SELECT TRANSFORM(kafka_offset) USING 'cat' AS (a) FROM raw|TRANSFORM",
        "SELECT * FROM raw PIVOT (max(kafka_offset) FOR kafka_partition IN (0, 1))|PIVOT",
        "TABLE raw|bare table",
        "VALUES (1)|VALUES",
        "DROP TABLE lakehouse.silver.numbers|a statement",
        "INSERT INTO other SELECT kafka_offset FROM raw|a statement",
        "CREATE TABLE lakehouse.x.y AS SELECT 1 AS a FROM raw|a statement",
        "CREATE TEMPORARY VIEW v AS SELECT 1 AS a FROM raw|a statement",
        "EXPLAIN SELECT 1 AS a FROM raw|a statement",
        "SET spark.sql.ansi.enabled=true|a statement",
      })
  void anythingElseIsRefusedByName(String sql, String named) {
    DriverException refused = refused(sql);
    assertEquals("sql-not-a-projection", refused.code(), refused.getMessage());
    assertTrue(refused.getMessage().contains(named), refused.getMessage());
    assertTrue(refused.getMessage().contains("Allowed is SELECT expressions FROM raw"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rand()", "uuid()", "shuffle(array(1, 2))", "monotonically_increasing_id()", "spark_partition_id()",
        "input_file_name()", "current_timestamp()", "now()", "current_date()", "curdate()", "localtimestamp()",
        "unix_timestamp()", "current_timezone()", "current_user()", "current_database()", "current_catalog()",
        "version()", "java_method('java.util.UUID', 'randomUUID')", "1 + length(concat('a', uuid()))",
        "transform(array(1), x -> x + rand())", "coalesce(kafka_offset, unix_micros(now()))"
      })
  void whatDiffersBetweenTwoRunsIsRefused(String expression) {
    DriverException refused = refused("SELECT " + expression + " AS a FROM raw");
    assertEquals("sql-not-a-projection", refused.code(), refused.getMessage());
    assertTrue(refused.getMessage().contains("not deterministic: column a"), refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELEC 1|SELEC",
        "SELECT 1 AS a FROM raw; SELECT 2 AS b FROM raw|extra input",
        "|invalid",
        "SELECT missing AS a FROM raw|missing",
        "SELECT no_such_function(1) AS a FROM raw|no_such_function",
        "SELECT number_to_french('x') AS a FROM raw|number_to_french takes a whole number",
        "SELECT number_to_french(1, 'modern') AS a FROM raw|'traditional', 'reform-1990'",
        "SELECT 1 AS a, 2 AS a FROM raw|two columns a",
        "SELECT 1 AS A FROM raw|lower-case",
        "SELECT 1 AS _file FROM raw|lower-case",
        "SELECT kafka_offset + 1 FROM raw|AS name",
        "SELECT kafka_offset FROM raw|kafka_offset is added by elt",
        "SELECT * FROM raw|kafka_topic_id is added by elt",
        "SELECT 1 AS raw_ingested_at FROM raw|raw_ingested_at is added by elt",
        "SELECT 1 AS event_time_day FROM raw|event_time_day is added by elt",
        "SELECT '2026' AS event_time FROM raw|event_time is STRING, expected TIMESTAMP",
        "SELECT true AS reject_reason FROM raw|reject_reason is BOOLEAN, expected STRING",
        "SELECT NULL AS a FROM raw|a is VOID, which Iceberg cannot store",
        "SELECT INTERVAL 1 DAY AS a FROM raw|which Iceberg cannot store",
      })
  void invalidStatementsSayWhatIsWrong(String sql, String message) {
    DriverException refused = refused(sql == null ? "" : sql);
    assertEquals("sql-invalid", refused.code(), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }

  @Test
  void allColumnProblemsAreReportedTogether() {
    String message = refused("SELECT 1 AS a, 2 AS a, NULL AS b, 3 AS C FROM raw").getMessage();
    assertTrue(message.contains("two columns a") && message.contains("`C`") && message.contains("b is VOID"), message);
  }

  @Test
  void carriedColumnsComeFromRawWhateverTheStatementCallsItsOwn() {
    Dataset<Row> raw =
        SPARK.sql(
            "SELECT 'T' AS kafka_topic_id, 1 AS kafka_partition, 7L AS kafka_offset, X'3731' AS kafka_value");
    PipelineSql sql =
        PipelineSql.checked(
            SPARK,
            "SELECT integer_from_text(r.kafka_value) AS kafka_value, kafka_offset * 2 AS kafka_timestamp,"
                + " number_to_french(kafka_timestamp) AS words FROM raw r",
            raw.schema());
    Dataset<Row> rows = sql.over(raw, List.of("kafka_offset", "kafka_value"));
    assertEquals(
        List.of("kafka_value", "kafka_timestamp", "words", "_raw_kafka_offset", "_raw_kafka_value"),
        List.of(rows.columns()));
    Row row = rows.first();
    assertEquals(71L, row.getLong(0));
    assertEquals("quatorze", row.getString(2));
    assertEquals(7L, row.getLong(3));
    assertEquals("71", new String((byte[]) row.get(4)));
  }

  private static PipelineSql check(String sql) {
    return PipelineSql.checked(SPARK, sql, RAW);
  }

  private static DriverException refused(String sql) {
    return assertThrows(DriverException.class, () -> check(sql), sql);
  }

  private static String ddl(StructField field) {
    return field.name() + " " + field.dataType().sql();
  }
}
