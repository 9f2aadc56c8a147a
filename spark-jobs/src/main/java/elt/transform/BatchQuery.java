package elt.transform;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import elt.driver.TransformSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;

/** The one query of a batch: each row of RAW becomes a row laid out by {@link RowLayout}. Nothing runs here. */
final class BatchQuery {
  static final String NO_TIMESTAMP = "no-timestamp";
  static final String OUT_OF_WINDOW = "timestamp-out-of-window";

  private static final String REASON = PipelineSql.CARRIED + SilverTables.REASON;

  private final PipelineSql sql;
  private final RowLayout layout;
  private final Set<String> own;
  private final long pastMs;
  private final long futureMs;

  BatchQuery(PipelineSql sql, RowLayout layout, TransformSpec spec) {
    this.sql = sql;
    this.layout = layout;
    this.own = sql.columns().own().stream().map(StructField::name).collect(Collectors.toSet());
    this.pastMs = spec.acceptedPastMs();
    this.futureMs = spec.acceptedFutureMs();
  }

  /** The rows of {@code raw} in the batch's range, computed. */
  Dataset<Row> over(Dataset<Row> raw, BatchRange range) {
    // A filter has the clocks in its generated code: without one all batches share the compiled code.
    Dataset<Row> rows = range.needsFilter() ? raw.filter(inRange(range)) : raw;
    Dataset<Row> computed = sql.over(rows, RawColumns.ALL);
    // The reason is a column before the next projection uses it more than once.
    return computed.select(all(computed, reason().as(REASON))).select(laidOut());
  }

  private static Column inRange(BatchRange range) {
    Column clock = col(RawColumns.INGESTED_AT);
    Column isNotAfter = clock.leq(lit(instant(range.upTo())));
    return range.after() == null ? isNotAfter : isNotAfter.and(clock.gt(lit(instant(range.after()))));
  }

  private static Column[] all(Dataset<Row> rows, Column more) {
    return Stream.concat(Stream.of(rows.columns()).map(functions::col), Stream.of(more)).toArray(Column[]::new);
  }

  private Column[] laidOut() {
    List<Column> columns = new ArrayList<>();
    for (StructField field : layout.silver().fields()) {
      columns.add(silver(field.name()).cast(field.dataType()).as(field.name()));
    }
    Column isRejected = col(REASON).isNotNull();
    for (String name : RowLayout.REJECT_COLUMNS) {
      columns.add(when(isRejected, raw(name)).as("reject_" + name));
    }
    return columns.toArray(Column[]::new);
  }

  private Column silver(String name) {
    return switch (name) {
      case SilverTables.RAW_INGESTED_AT -> raw(RawColumns.INGESTED_AT);
      case SqlColumns.EVENT_TIME -> eventTime();
      default -> own.contains(name) ? col(name) : raw(name);
    };
  }

  private Column eventTime() {
    return sql.columns().hasEventTime() ? col(SqlColumns.EVENT_TIME) : raw(RawColumns.TIMESTAMP);
  }

  /** The statement's own reason, or what is wrong with the event's time; the window counts from the row's ingestion. */
  private Column reason() {
    Column micros = functions.unix_micros(eventTime());
    Column ingested = functions.unix_micros(raw(RawColumns.INGESTED_AT));
    Column isOutside =
        micros.lt(ingested.minus(lit(pastMs * 1000))).or(micros.gt(ingested.plus(lit(futureMs * 1000))));
    Column timeReason =
        when(eventTime().isNull(), lit(NO_TIMESTAMP)).when(isOutside, lit(OUT_OF_WINDOW));
    return sql.columns().hasRejectReason() ? coalesce(col(SqlColumns.REJECT_REASON), timeReason) : timeReason;
  }

  private static Column raw(String name) {
    return col(PipelineSql.CARRIED + name);
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
