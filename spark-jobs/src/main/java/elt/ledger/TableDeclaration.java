package elt.ledger;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;

/**
 * How a table shall be.
 *
 * @param owner the only pipeline and stage that may write it, see {@link Writer#owner()}
 * @param countedColumns columns with full statistics (partition, offset, clock); all others have counts only
 * @param properties more table properties; the ones all our tables share need not be named
 */
public record TableDeclaration(
    Schema schema, PartitionSpec spec, String owner, List<String> countedColumns, Map<String, String> properties) {}
