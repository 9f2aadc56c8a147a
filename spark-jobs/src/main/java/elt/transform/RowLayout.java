package elt.transform;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How the one row that a batch computes for each row of RAW is laid out: the columns of SILVER in the
 * table's order, so that the row can be written as it is, then what a reject has more than that.
 *
 * @param silver SILVER's columns
 * @param rejects the columns of the rejects table
 */
record RowLayout(StructType silver, StructType rejects) implements Serializable {
  private static final long serialVersionUID = 1;

  /** What follows SILVER's columns; all but the reason are null where there is no reason. */
  static final List<String> REJECT_COLUMNS =
      List.of(SilverTables.REASON, RawColumns.TIMESTAMP_MS, RawColumns.KEY, RawColumns.VALUE);

  /** The place of the reason; null in rows that become SILVER. */
  int reason() {
    return silver.size();
  }

  int eventTime() {
    return silver.fieldIndex(SqlColumns.EVENT_TIME);
  }

  /** The same object each time, showing the reject that a computed row is. */
  RejectView rejectView(long rejectedAt) {
    return new RejectView(this, rejectedAt);
  }

  /** Puts a row's values in the order of the rejects table. */
  static final class RejectView {
    private final GenericInternalRow reject;
    private final StructField[] fields;
    private final int[] sources;

    private RejectView(RowLayout layout, long rejectedAt) {
      fields = layout.rejects.fields();
      reject = new GenericInternalRow(fields.length);
      sources = new int[fields.length];
      for (int i = 0; i < fields.length; i++) {
        sources[i] = layout.source(fields[i].name());
        if (sources[i] < 0) {
          reject.update(i, rejectedAt);
        }
      }
    }

    InternalRow show(InternalRow row) {
      for (int i = 0; i < sources.length; i++) {
        if (sources[i] >= 0) {
          reject.update(i, row.isNullAt(sources[i]) ? null : row.get(sources[i], fields[i].dataType()));
        }
      }
      return reject;
    }
  }

  private int source(String column) {
    if (column.equals(SilverTables.REJECTED_AT)) {
      return -1;
    }
    int extra = REJECT_COLUMNS.indexOf(column);
    return extra >= 0 ? silver.size() + extra : silver.fieldIndex(column);
  }

  /** The layout as Spark's schema, for a sorter of whole rows. */
  StructType all() {
    return silver
        .add(SilverTables.REASON, DataTypes.StringType)
        .add(RawColumns.TIMESTAMP_MS, DataTypes.LongType)
        .add(RawColumns.KEY, DataTypes.BinaryType)
        .add(RawColumns.VALUE, DataTypes.BinaryType);
  }
}
