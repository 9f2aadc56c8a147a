package elt.ledger;

import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.hive.HiveCatalog;
import org.apache.iceberg.hive.HiveTableOperations;

/** Iceberg's Hive catalog, whose tables do not read back the metadata that they have just written. For drivers. */
public final class WriteThroughCatalog extends HiveCatalog {
  @Override
  public TableOperations newTableOps(TableIdentifier table) {
    TableOperations operations = super.newTableOps(table);
    // The client of a key management service stays with those who made it.
    boolean mayBeEncrypted = properties().containsKey(CatalogProperties.ENCRYPTION_KMS_IMPL);
    return mayBeEncrypted || !(operations instanceof HiveTableOperations hive)
        ? operations
        : new WriteThroughOperations(getConf(), hive, name());
  }
}
