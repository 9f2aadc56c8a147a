package elt.ledger;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;

/**
 * How a table shall be.
 *
 * @param owner the only pipeline and stage that may write it, see {@link Writer#owner()}
 * @param countedColumns columns with full statistics (partition, offset, clock); all others have counts only
 * @param properties more table properties; the ones all our tables share need not be named
 */
public record TableDeclaration(
    Schema schema, PartitionSpec spec, String owner, List<String> countedColumns, Map<String, String> properties) {

  /** Old metadata files go by themselves, and the current one is small however many snapshots it names. */
  public static final Map<String, String> BOUNDED_METADATA =
      Map.of(
          TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
          TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "100",
          TableProperties.METADATA_COMPRESSION, "gzip");

  /** The properties a new table gets: ours, then the declaration's own. */
  Map<String, String> allProperties() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(TableProperties.FORMAT_VERSION, "2");
    all.put(TableProperties.DEFAULT_FILE_FORMAT, "parquet");
    all.put(TableProperties.PARQUET_COMPRESSION, "snappy");
    // The default, hash, would send a whole hour to one task.
    all.put(TableProperties.WRITE_DISTRIBUTION_MODE, TableProperties.WRITE_DISTRIBUTION_MODE_NONE);
    all.put(TableProperties.MANIFEST_MERGE_ENABLED, "true");
    all.put(TableProperties.MANIFEST_MIN_MERGE_COUNT, "100");
    all.putAll(BOUNDED_METADATA);
    all.put(TableProperties.DEFAULT_WRITE_METRICS_MODE, "counts");
    countedColumns.forEach(column -> all.put(TableProperties.METRICS_MODE_COLUMN_CONF_PREFIX + column, "full"));
    all.putAll(properties);
    all.put(LedgerKeys.OWNER, owner);
    return all;
  }
}
