package elt.transform;

import elt.driver.DriverException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a pipeline's SQL gives.
 *
 * @param own the columns of the pipeline, in order; all may be null
 * @param hasEventTime whether there is an {@code event_time}; otherwise it is the record's Kafka time
 * @param hasRejectReason whether there is a {@code reject_reason} that sends a row to the rejects
 */
record SqlColumns(List<StructField> own, boolean hasEventTime, boolean hasRejectReason) {
  static final String EVENT_TIME = "event_time";
  static final String REJECT_REASON = "reject_reason";

  /** What the driver adds itself, and the partition field of {@code days(event_time)}. */
  private static final Set<String> RESERVED =
      Set.of("kafka_topic_id", "kafka_partition", "kafka_offset", "raw_ingested_at", "event_time_day");

  /** What Spark, Hive and Trino all take without quotes or folding. */
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");

  /**
   * Sorts out the columns of the statement.
   *
   * @throws DriverException {@code sql-invalid} with all columns that cannot be kept
   */
  static SqlColumns of(StructType columns) {
    List<String> problems = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<StructField> own = new ArrayList<>();
    for (StructField column : columns.fields()) {
      String name = column.name();
      if (!names.add(name)) {
        problems.add("there are two columns " + name);
      } else if (name.equals(EVENT_TIME)) {
        expectType(column, DataTypes.TimestampType, problems);
      } else if (name.equals(REJECT_REASON)) {
        expectType(column, DataTypes.StringType, problems);
      } else {
        expectStorable(column, problems);
        own.add(new StructField(name, column.dataType(), true, column.metadata()));
      }
    }
    if (!problems.isEmpty()) {
      throw new DriverException(
          "sql-invalid", "The pipeline's SQL: " + String.join("; ", problems) + ".");
    }
    return new SqlColumns(List.copyOf(own), names.contains(EVENT_TIME), names.contains(REJECT_REASON));
  }

  private static void expectType(StructField column, DataType type, List<String> problems) {
    if (!column.dataType().equals(type)) {
      problems.add(
          "column %s is %s, expected %s".formatted(column.name(), column.dataType().sql(), type.sql()));
    }
  }

  private static void expectStorable(StructField column, List<String> problems) {
    String name = column.name();
    if (!NAME.matcher(name).matches()) {
      problems.add(
          "column `%s` needs a name of lower-case letters, digits and _, starting with a letter: … AS name"
              .formatted(name));
    }
    if (RESERVED.contains(name)) {
      problems.add("column %s is added by elt itself, leave it out or rename it".formatted(name));
    }
    if (!isStorable(column)) {
      problems.add(
          "column %s is %s, which Iceberg cannot store: CAST it to another type"
              .formatted(name, column.dataType().sql()));
    }
  }

  /** An untyped NULL would need Iceberg's format version 3, which Trino 443 does not read. */
  private static boolean isStorable(StructField column) {
    try {
      SparkSchemaUtil.convert(new StructType(new StructField[] {column}));
      return !column.dataType().existsRecursively(type -> type instanceof NullType);
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }
}
