package elt.ledger;

import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.hive.HiveTableOperations;

/**
 * A table in the Hive Metastore. Iceberg asks for the newest metadata after each commit and before the next, and the answer
 * is nearly always the file that was just written: it grows with the number of snapshots, and is answered from memory here. The
 * metastore is asked as ever, so commits of others are seen as ever.
 */
final class WriteThroughOperations extends HiveTableOperations {
  /** Snapshots in memory remember their manifests once these were looked at: what is read anew has forgotten them. */
  private static final int WRITES_PER_READ = 50;

  private TableMetadata written;
  private int writesSinceRead;

  WriteThroughOperations(Configuration hadoop, HiveTableOperations table, String catalog) {
    super(hadoop, table.metaClients(), table.io(), null, catalog, table.database(), table.table());
  }

  @Override
  protected String writeNewMetadata(TableMetadata metadata, int newVersion) {
    // The name of the file is unique: it stands for this content and no other.
    String location = super.writeNewMetadata(metadata, newVersion);
    writesSinceRead++;
    written =
        writesSinceRead < WRITES_PER_READ
            ? TableMetadata.buildFrom(metadata).discardChanges().withMetadataLocation(location).build()
            : null;
    return location;
  }

  @Override
  protected void refreshFromMetadataLocation(
      String newLocation, Predicate<Exception> shouldRetry, int retries, Function<String, TableMetadata> read) {
    super.refreshFromMetadataLocation(newLocation, shouldRetry, retries, location -> load(location, read));
  }

  private TableMetadata load(String location, Function<String, TableMetadata> read) {
    if (written != null && location.equals(written.metadataFileLocation())) {
      return written;
    }
    writesSinceRead = 0;
    return read.apply(location);
  }
}
