package elt.transform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.driver.DriverException;
import elt.driver.RunState;
import elt.ledger.Ledger;
import elt.ledger.LedgerEntry;
import elt.transform.TestRaw.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Whole runs on a real Spark and a real catalog. */
class TransformDriverTest {
  private static final long NOW_MS = System.currentTimeMillis();

  @Test
  void everyRecordBecomesOneRowOfSilverOrOneRejectWithItsReason() {
    TestRun run = new TestRun("bad_records");
    Map<Sent, String> expected = new java.util.LinkedHashMap<>();
    expected.put(new Sent(null, null, NOW_MS), "tombstone");
    expected.put(new Sent("k".getBytes(UTF_8), "42".getBytes(UTF_8), NOW_MS), "42 quarante-deux");
    expected.put(Sent.text(""), "empty");
    expected.put(Sent.text("   "), "empty");
    expected.put(Sent.text("007"), "7 sept");
    expected.put(Sent.text("-0"), "0 zéro");
    expected.put(Sent.text("+5"), "5 cinq");
    expected.put(Sent.text(" 80\n"), "80 quatre-vingts");
    expected.put(Sent.text("1e3"), "not-an-integer");
    expected.put(Sent.text("12.5"), "not-an-integer");
    expected.put(Sent.text("9223372036854775808"), "out-of-range");
    expected.put(Sent.text("٤٢"), "not-an-integer");
    expected.put(Sent.text("NaN"), "not-an-integer");
    expected.put(Sent.text("1\u00002"), "not-an-integer");
    expected.put(new Sent(null, new byte[] {(byte) 0xff, (byte) 0xfe, '1'}, NOW_MS), "not-utf8");
    expected.put(new Sent("key".getBytes(UTF_8), new byte[900 * 1024], NOW_MS), "not-an-integer");
    expected.put(Sent.at(-1, "1"), "no-timestamp");
    expected.put(Sent.at(Long.MAX_VALUE, "2"), "no-timestamp");
    expected.put(Sent.at(NOW_MS * 1_000_000, "3"), "no-timestamp");
    expected.put(Sent.at(253_370_764_800_000L, "4"), "timestamp-out-of-window");
    expected.put(Sent.at(-3_000_000_000_000L, "5"), "timestamp-out-of-window");
    expected.put(Sent.at(0, "6"), "6 six");
    expected.put(Sent.at(-1, "no time and no integer"), "not-an-integer");
    LedgerEntry raw = new TestRaw(TestRun.CATALOG, run.raw()).commit(new ArrayList<>(expected.keySet()), 2);

    assertEquals(RunState.SUCCEEDED, run.run());

    assertEquals(List.copyOf(expected.values()), results(run));
    assertBytesAreKept(run, List.copyOf(expected.keySet()));
    var commit = run.events("commit").get(0);
    assertEquals(6, commit.get("rows").asLong());
    assertEquals(17, commit.get("rejects").asLong());
    assertEquals(raw.position().json(), commit.get("endPosition").toString());
  }

  /** What became of each record, in the order of offsets. */
  private static List<String> results(TestRun run) {
    TreeMap<Long, String> byOffset = new TreeMap<>();
    for (Row row : TestRun.rows(run.silver()).select("kafka_offset", "number", "words").collectAsList()) {
      assertEquals(null, byOffset.put(row.getLong(0), row.getLong(1) + " " + row.getString(2)));
    }
    for (Row row : TestRun.rows(run.rejects()).select("kafka_offset", "reason").collectAsList()) {
      assertEquals(null, byOffset.put(row.getLong(0), row.getString(1)));
    }
    return List.copyOf(byOffset.values());
  }

  private static void assertBytesAreKept(TestRun run, List<Sent> sent) {
    for (Row row :
        TestRun.rows(run.rejects())
            .select("kafka_offset", "kafka_key", "kafka_value", "kafka_timestamp_ms")
            .collectAsList()) {
      Sent record = sent.get((int) row.getLong(0));
      org.junit.jupiter.api.Assertions.assertArrayEquals(record.key(), (byte[]) row.get(1));
      org.junit.jupiter.api.Assertions.assertArrayEquals(record.value(), (byte[]) row.get(2));
      assertEquals(record.timestampMs(), row.getLong(3));
    }
  }

  @Test
  void aRunGoesOnWhereTheLastOneEndedAndWritesNothingWhenThereIsNothing() {
    TestRun first = new TestRun("resume");
    TestRaw raw = new TestRaw(TestRun.CATALOG, first.raw());
    assertEquals(RunState.SUCCEEDED, first.run());
    assertEquals(List.of(), first.events("claimed"));
    assertTrue(!TestRun.CATALOG.tableExists(TableIdentifier.parse(first.silver())));

    raw.commitNumbers(0, 1000);
    TestRun second = new TestRun("resume");
    assertEquals(RunState.SUCCEEDED, second.run());
    raw.commitNumbers(1000, 1500);
    LedgerEntry rawEnd = raw.commitNumbers(1500, 1600);
    TestRun third = new TestRun("resume");
    assertEquals(RunState.SUCCEEDED, third.run());
    TestRun fourth = new TestRun("resume");
    assertEquals(RunState.SUCCEEDED, fourth.run());

    assertEquals(List.of(), fourth.events("commit"));
    assertEquals(List.of(), fourth.events("claimed"));
    assertEquals(600, third.events("commit").get(0).get("rows").asLong());
    assertEquals(1600, third.count(third.silver()));
    assertEquals(1600, TestRun.rows(third.silver()).select("kafka_offset").distinct().count());
    assertEquals(0, third.count(third.rejects()));
    assertEquals(rawEnd.ingestedAt(), newest(third.silver()).ingestedAt());
    assertEquals(rawEnd.ingestedAt(), newest(third.rejects()).ingestedAt());
    assertEquals(rawEnd.position(), newest(third.silver()).position());
  }

  @Test
  void batchesEndAtCommitsOfRawAndFollowEachOther() {
    TestRun run = new TestRun("batches");
    run.maxRowsPerCommit = 250;
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    List<LedgerEntry> commits = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      commits.add(raw.commitNumbers(i * 100, (i + 1) * 100));
    }
    commits.add(raw.commitNumbers(600, 1000));

    assertEquals(RunState.SUCCEEDED, run.run());

    assertEquals(
        List.of(200L, 200L, 200L, 400L), run.events("commit").stream().map(c -> c.get("rows").asLong()).toList());
    assertEquals(
        List.of(800L, 600L, 400L, 0L), run.events("commit").stream().map(c -> c.get("lag").asLong()).toList());
    List<LedgerEntry> entries = new ArrayList<>(ledger(run.silver()).entries().filter(e -> e.rows() > 0).toList());
    java.util.Collections.reverse(entries);
    assertEquals(
        List.of(commits.get(1), commits.get(3), commits.get(5), commits.get(6)).stream()
            .map(e -> e.ingestedAt() + e.position().json())
            .toList(),
        entries.stream().map(e -> e.ingestedAt() + e.position().json()).toList());
    for (int i = 1; i < entries.size(); i++) {
      assertEquals(entries.get(i - 1).ingestedAt(), entries.get(i).startIngestedAt());
      assertEquals(entries.get(i - 1).position(), entries.get(i).start());
    }
    assertEquals(1000, run.count(run.silver()));
  }

  @Test
  void rawThatIsMissingOrNoRawIsSaidToBeSo() {
    assertEquals("raw-missing", failure(new TestRun("no_raw")).code());
    TestRun.SPARK.sql("CREATE TABLE lakehouse.raw.not_raw (id bigint) USING iceberg");
    DriverException notRaw = failure(new TestRun("not_raw"));
    assertEquals("schema-mismatch", notRaw.code());
    assertTrue(notRaw.getMessage().contains("kafka_value"), notRaw.getMessage());
  }

  @Test
  void aStatementThatIsNoProjectionStopsTheRunBeforeAnythingIsCreated() {
    TestRun run = new TestRun("filter");
    new TestRaw(TestRun.CATALOG, run.raw()).commitNumbers(0, 10);
    run.sql = "SELECT 1 AS one FROM raw WHERE kafka_offset > 5";
    assertEquals("sql-not-a-projection", failure(run).code());
    assertTrue(!TestRun.CATALOG.tableExists(TableIdentifier.parse(run.silver())));
  }

  @Test
  void tablesOfAnotherPipelineAreNotTouched() {
    TestRun mine = new TestRun("owner");
    new TestRaw(TestRun.CATALOG, mine.raw()).commitNumbers(0, 10);
    assertEquals(RunState.SUCCEEDED, mine.run());
    TestRun other = new TestRun("owner");
    other.pipeline = "other";
    assertEquals("table-owned-by-other-pipeline", failure(other).code());
    assertEquals(10, mine.count(mine.silver()));
  }

  @Test
  void anotherColumnIsAddedAndAnotherTypeIsRefused() {
    TestRun run = new TestRun("evolve");
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    raw.commitNumbers(0, 10);
    run.sql = "SELECT integer_from_text(kafka_value) AS number FROM raw";
    assertEquals(RunState.SUCCEEDED, run.run());
    raw.commitNumbers(10, 20);
    TestRun wider = new TestRun("evolve");
    wider.sql = "SELECT CAST(length(kafka_value) AS tinyint) AS digits, integer_from_text(kafka_value) AS number FROM raw";
    assertEquals(RunState.SUCCEEDED, wider.run());
    assertEquals(20, wider.count(wider.silver()));
    assertEquals(10, TestRun.rows(wider.silver()).filter("digits = 2 AND number BETWEEN 10 AND 19").count());
    raw.commitNumbers(20, 30);
    TestRun text = new TestRun("evolve");
    text.sql = "SELECT CAST(kafka_value AS string) AS number, 1 AS digits FROM raw";
    assertEquals("schema-mismatch", failure(text).code());
    assertEquals(20, text.count(text.silver()));
  }

  @Test
  void theStatementsOwnEventTimeAndNestedColumnsAreUsed() {
    TestRun run = new TestRun("event_time");
    new TestRaw(TestRun.CATALOG, run.raw())
        .commit(Sent.text("2026-01-02T03:04:05Z"), Sent.text("no time"), Sent.text("1700-01-01T00:00:00Z"));
    run.sql =
        "SELECT try_to_timestamp(CAST(kafka_value AS string)) AS event_time,"
            + " struct(CAST(kafka_value AS string) AS text, array(kafka_offset) AS offsets) AS nested,"
            + " map('length', length(kafka_value)) AS sizes FROM raw";
    assertEquals(RunState.SUCCEEDED, run.run());
    assertEquals(
        "[[2026-01-02 03:04:05.0,[2026-01-02T03:04:05Z,WrappedArray(0)],Map(length -> 20)]]",
        TestRun.rows(run.silver()).select("event_time", "nested", "sizes").collectAsList().toString());
    assertEquals(
        "[[1,no-timestamp], [2,timestamp-out-of-window]]",
        TestRun.rows(run.rejects()).select("kafka_offset", "reason").orderBy("kafka_offset").collectAsList().toString());
  }

  @Test
  void tablesAreLaidOutAsDeclared() {
    TestRun run = new TestRun("layout");
    new TestRaw(TestRun.CATALOG, run.raw()).commit(Sent.text("1"), Sent.text("x"));
    assertEquals(RunState.SUCCEEDED, run.run());
    Table silver = TestRun.CATALOG.loadTable(TableIdentifier.parse(run.silver()));
    assertEquals("days(event_time)", partitioning(silver));
    assertEquals("days(rejected_at)", partitioning(TestRun.CATALOG.loadTable(TableIdentifier.parse(run.rejects()))));
    assertEquals("snappy", silver.properties().get("write.parquet.compression-codec"));
    assertEquals(
        "kafka_topic_id, kafka_partition, kafka_offset, raw_ingested_at, event_time, number, words",
        String.join(", ", TestRun.rows(run.silver()).columns()));
    assertEquals(
        "kafka_topic_id, kafka_partition, kafka_offset, raw_ingested_at, kafka_timestamp_ms, kafka_key, kafka_value, reason, rejected_at",
        String.join(", ", TestRun.rows(run.rejects()).columns()));
  }

  private static String partitioning(Table table) {
    return TestRun.SPARK
        .sql("DESCRIBE TABLE EXTENDED " + table.name())
        .filter("col_name = 'Part 0'")
        .first()
        .getString(1);
  }

  static DriverException failure(TestRun run) {
    return assertThrows(DriverException.class, run::run);
  }

  static Ledger ledger(String table) {
    Table loaded = TestRun.CATALOG.loadTable(TableIdentifier.parse(table));
    loaded.refresh();
    return Ledger.of(loaded);
  }

  static LedgerEntry newest(String table) {
    return ledger(table).newest().orElseThrow();
  }
}
