package elt.transform;

import elt.ledger.TableDeclaration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** SILVER and its rejects as declared. Together they hold each row of RAW once. */
final class SilverTables {
  /** The commit clock of the row's RAW commit, in both tables. */
  static final String RAW_INGESTED_AT = "raw_ingested_at";

  static final String REASON = "reason";
  static final String REJECTED_AT = "rejected_at";

  /** Parquet looks at its buffers only after so many rows (default 100 to 10,000): too late for megabyte values. */
  private static final Map<String, String> SMALL_STEPS =
      Map.of(
          "write.parquet.row-group-check-min-record-count", "1",
          "write.parquet.row-group-check-max-record-count", "100");

  private SilverTables() {}

  /** Lineage, {@code event_time} and the pipeline's own columns, by day of the event. */
  static TableDeclaration silver(SqlColumns columns, String owner) {
    List<StructField> fields = lineage();
    fields.add(required(SqlColumns.EVENT_TIME, DataTypes.TimestampType));
    fields.addAll(columns.own());
    Schema schema = schema(fields);
    return new TableDeclaration(
        schema,
        PartitionSpec.builderFor(schema).day(SqlColumns.EVENT_TIME).build(),
        owner,
        List.of(RawColumns.PARTITION, RawColumns.OFFSET, RAW_INGESTED_AT, SqlColumns.EVENT_TIME),
        Map.of());
  }

  /** What could not become SILVER: the record as it came, why, and when that was found out. */
  static TableDeclaration rejects(String owner) {
    List<StructField> fields = lineage();
    fields.add(required(RawColumns.TIMESTAMP_MS, DataTypes.LongType));
    fields.add(new StructField(RawColumns.KEY, DataTypes.BinaryType, true, Metadata.empty()));
    fields.add(new StructField(RawColumns.VALUE, DataTypes.BinaryType, true, Metadata.empty()));
    fields.add(required(REASON, DataTypes.StringType));
    fields.add(required(REJECTED_AT, DataTypes.TimestampType));
    Schema schema = schema(fields);
    return new TableDeclaration(
        schema,
        PartitionSpec.builderFor(schema).day(REJECTED_AT).build(),
        owner,
        List.of(RawColumns.PARTITION, RawColumns.OFFSET, RAW_INGESTED_AT, REJECTED_AT),
        SMALL_STEPS);
  }

  private static List<StructField> lineage() {
    List<StructField> fields = new ArrayList<>();
    fields.add(required(RawColumns.TOPIC_ID, DataTypes.StringType));
    fields.add(required(RawColumns.PARTITION, DataTypes.IntegerType));
    fields.add(required(RawColumns.OFFSET, DataTypes.LongType));
    fields.add(required(RAW_INGESTED_AT, DataTypes.TimestampType));
    return fields;
  }

  private static StructField required(String name, DataType type) {
    return new StructField(name, type, false, Metadata.empty());
  }

  private static Schema schema(List<StructField> fields) {
    return SparkSchemaUtil.convert(new StructType(fields.toArray(StructField[]::new)));
  }
}
