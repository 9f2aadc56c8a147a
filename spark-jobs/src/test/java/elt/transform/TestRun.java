package elt.transform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elt.LocalSpark;
import elt.driver.DriverContext;
import elt.driver.Events;
import elt.driver.Mode;
import elt.driver.Outages;
import elt.driver.RunState;
import elt.driver.StopSignal;
import elt.driver.TransformSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** One TRANSFORM run on the local Spark, on tables whose names carry the test's. */
public final class TestRun {
  public static final SparkSession SPARK = LocalSpark.session();
  public static final Catalog CATALOG = catalog();
  static final String NUMBERS = numbersSql();

  private static int runs;

  public final String name;
  final StopSignal stop = new StopSignal();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  Mode mode = Mode.DRAIN;
  String sql = NUMBERS;
  String pipeline = "numbers";
  long maxRowsPerCommit = 2_000_000;
  long commitIntervalMs = 100;
  long acceptedPastMs = 3_155_760_000_000L;
  long acceptedFutureMs = 86_400_000L;
  boolean fullRefresh;
  Catalog catalog = CATALOG;

  public TestRun(String name) {
    this.name = name;
  }

  public String raw() {
    return "raw." + name;
  }

  public String silver() {
    return "silver." + name;
  }

  public String rejects() {
    return silver() + "_rejects";
  }

  TransformSpec spec() {
    String runId = "run-" + name + "-" + ++runs;
    return new TransformSpec(
        runId, runId, pipeline, mode, "lakehouse", silver(), commitIntervalMs, maxRowsPerCommit, raw(),
        rejects(), sql, acceptedPastMs, acceptedFutureMs, fullRefresh, null);
  }

  public RunState run() {
    TransformSpec spec = spec();
    Events events = new Events(new PrintStream(out, true, StandardCharsets.UTF_8), spec.runId());
    return TransformDriver.transform(
        new DriverContext<>(spec, events, stop, new Outages(events, stop), System.nanoTime()), SPARK, catalog);
  }

  List<JsonNode> events(String event) {
    ObjectMapper json = new ObjectMapper();
    return out.toString(StandardCharsets.UTF_8)
        .lines()
        .map(
            line -> {
              try {
                return json.readTree(line);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .filter(node -> node.get("event").asText().equals(event))
        .toList();
  }

  /** The rows of a table as they are now. */
  public static Dataset<Row> rows(String table) {
    SPARK.sql("REFRESH TABLE lakehouse." + table);
    return SPARK.table("lakehouse." + table);
  }

  public long count(String table) {
    return rows(table).count();
  }

  private static Catalog catalog() {
    try {
      return Spark3Util.loadIcebergCatalog(SPARK, "lakehouse");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static String numbersSql() {
    try {
      return Files.readString(Path.of("../pipelines/numbers.sql"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
