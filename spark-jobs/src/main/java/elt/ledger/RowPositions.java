package elt.ledger;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Recomputes positions and clocks from the rows of a table at one snapshot, never behind what the entries say that are still
 * in its history: those know of partitions without rows and of offsets without records.
 *
 * <p>What neither rows nor history know is lost: a partition that never had a row in the table will be read from its start.
 */
final class RowPositions {
  private final SparkSession spark;
  private final String tableInSpark;
  private final Ledger ledger;

  /** Of {@code table} as it was when last refreshed. */
  RowPositions(SparkSession spark, String tableInSpark, Table table) {
    this.spark = spark;
    this.tableInSpark = tableInSpark;
    this.ledger = Ledger.of(table);
  }

  /** The snapshot that is counted; null when the table has none. */
  Long snapshotId() {
    return ledger.currentSnapshotId().orElse(null);
  }

  /** The latest clock of the rows in {@code column}, in micros; null when there are none. */
  Long clock(String column) {
    Long inHistory = entryUpTo(Long.MAX_VALUE).map(LedgerEntry::ingestedAt).orElse(null);
    Long inRows =
        snapshotId() == null
            ? null
            : (Long) spark.sql("SELECT unix_micros(max(" + column + ")) FROM " + snapshot()).first().get(0);
    return inRows == null || inHistory != null && inHistory > inRows ? inHistory : inRows;
  }

  /** How far the rows of RAW up to a clock go in Kafka, in micros; generations in the order in which they began. */
  Position kafka(long upToMicros) {
    Map<String, Map<Integer, Long>> offsets = new LinkedHashMap<>();
    entryUpTo(upToMicros)
        .map(LedgerEntry::position)
        .orElse(Position.EMPTY)
        .generations()
        .forEach(generation -> offsets.put(generation.topicId(), new HashMap<>(generation.offsets())));
    for (Row row : lastOffsets(upToMicros)) {
      offsets
          .computeIfAbsent(row.getString(0), topic -> new HashMap<>())
          .merge(row.getInt(1), row.getLong(2) + 1, Math::max);
    }
    Position position = Position.EMPTY;
    for (Map.Entry<String, Map<Integer, Long>> generation : offsets.entrySet()) {
      position = position.startGeneration(generation.getKey(), generation.getValue());
    }
    return position;
  }

  private List<Row> lastOffsets(long upToMicros) {
    if (snapshotId() == null) {
      return List.of();
    }
    String upTo = upToMicros == Long.MAX_VALUE ? "" : " AND ingested_at <= timestamp_micros(" + upToMicros + ")";
    return spark
        .sql(
            "SELECT kafka_topic_id, kafka_partition, last_offset FROM (SELECT kafka_topic_id, kafka_partition,"
                + " max(kafka_offset) AS last_offset, min(min(ingested_at)) OVER (PARTITION BY kafka_topic_id) AS began FROM "
                + snapshot()
                + " WHERE kafka_topic_id IS NOT NULL AND kafka_partition IS NOT NULL AND kafka_offset IS NOT NULL"
                + upTo
                + " GROUP BY kafka_topic_id, kafka_partition) ORDER BY began, kafka_topic_id, kafka_partition")
        .collectAsList();
  }

  private Optional<LedgerEntry> entryUpTo(long micros) {
    return ledger.entries().filter(entry -> entry.ingestedAt() != null && entry.ingestedAt() <= micros).findFirst();
  }

  private String snapshot() {
    return tableInSpark + " VERSION AS OF " + snapshotId();
  }
}
