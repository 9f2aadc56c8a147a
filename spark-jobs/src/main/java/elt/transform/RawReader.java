package elt.transform;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.iceberg.ScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.ScanTaskSetManager;
import org.apache.iceberg.spark.SparkReadOptions;
import org.apache.iceberg.spark.source.SparkTable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.Option;

/**
 * Shows Spark exactly the planned files of RAW: what was counted is what is read, and the manifests are
 * read once.
 */
final class RawReader {
  /** A file that is opened costs about as much as reading so many bytes of one. */
  private static final long OPEN_COST_BYTES = 256L << 10;

  private final SparkSession spark;
  private final Table table;

  RawReader(SparkSession spark, Table table) {
    this.spark = spark;
    this.table = table;
  }

  /** Uses the rows of these files, which Spark knows until {@code use} returns. */
  <T> T read(String id, List<RawFile> files, Function<Dataset<Row>, T> use) {
    List<ScanTask> tasks = files.stream().<ScanTask>map(RawFile::task).toList();
    ScanTaskSetManager.get().stageTasks(table, id, tasks);
    try {
      return use.apply(rows(id, files));
    } finally {
      ScanTaskSetManager.get().removeTasks(table, id);
    }
  }

  private Dataset<Row> rows(String id, List<RawFile> files) {
    Map<String, String> options =
        Map.of(
            SparkReadOptions.SCAN_TASK_SET_ID, id,
            SparkReadOptions.SPLIT_SIZE, Long.toString(splitBytes(files)),
            SparkReadOptions.FILE_OPEN_COST, Long.toString(OPEN_COST_BYTES));
    boolean refreshesEagerly = false;
    return Dataset.ofRows(
        spark,
        DataSourceV2Relation.create(
            new SparkTable(table, refreshesEagerly),
            Option.empty(),
            Option.empty(),
            new CaseInsensitiveStringMap(options)));
  }

  /** One task per core: more would only make more files. */
  private long splitBytes(List<RawFile> files) {
    long bytes = files.stream().mapToLong(file -> Math.max(file.task().length(), OPEN_COST_BYTES)).sum();
    int cores = spark.sparkContext().defaultParallelism();
    return Math.max(OPEN_COST_BYTES, (bytes + cores - 1) / cores);
  }
}
