package elt.extract;

import elt.ledger.TableDeclaration;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;

/**
 * RAW as declared: every record exactly as Kafka hands it out, and where it came from. Partitioned by
 * the hour of the commit clock, so one commit touches one hour and no producer's clock can scatter it.
 */
public final class RawTable {
  public static final String TOPIC_ID = "kafka_topic_id";
  public static final String PARTITION = "kafka_partition";
  public static final String OFFSET = "kafka_offset";

  /** Null when the record has no time, or one outside years 1 to 9999. */
  public static final String TIMESTAMP = "kafka_timestamp";

  /** As sent; -1 is Kafka's "no timestamp". */
  public static final String TIMESTAMP_MS = "kafka_timestamp_ms";

  public static final String KEY = "kafka_key";
  public static final String VALUE = "kafka_value";

  /** In the order sent, duplicates included; null when the record has none. */
  public static final String HEADERS = "kafka_headers";

  /** The commit clock: the same for all rows of one commit, greater than in every commit before. */
  public static final String INGESTED_AT = "ingested_at";

  public static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, TOPIC_ID, Types.StringType.get()),
          Types.NestedField.required(2, PARTITION, Types.IntegerType.get()),
          Types.NestedField.required(3, OFFSET, Types.LongType.get()),
          Types.NestedField.optional(4, TIMESTAMP, Types.TimestampType.withZone()),
          Types.NestedField.required(5, TIMESTAMP_MS, Types.LongType.get()),
          Types.NestedField.optional(6, KEY, Types.BinaryType.get()),
          Types.NestedField.optional(7, VALUE, Types.BinaryType.get()),
          Types.NestedField.optional(8, HEADERS, headers()),
          Types.NestedField.required(9, INGESTED_AT, Types.TimestampType.withZone()));

  /** For whoever writes RAW but EXTRACT, compaction above all: Parquet looks at its buffers after 100 to 10,000 rows otherwise. */
  private static final Map<String, String> LARGE_RECORDS =
      Map.of(
          "write.parquet.row-group-check-min-record-count", "1",
          "write.parquet.row-group-check-max-record-count", "100");

  private RawTable() {}

  /** The declaration of {@code owner}'s RAW table. */
  public static TableDeclaration declaration(String owner) {
    return new TableDeclaration(
        SCHEMA,
        PartitionSpec.builderFor(SCHEMA).hour(INGESTED_AT).build(),
        owner,
        List.of(PARTITION, OFFSET, INGESTED_AT),
        LARGE_RECORDS);
  }

  private static Types.ListType headers() {
    return Types.ListType.ofOptional(
        10,
        Types.StructType.of(
            Types.NestedField.required(11, "key", Types.StringType.get()),
            Types.NestedField.optional(12, "value", Types.BinaryType.get())));
  }
}
