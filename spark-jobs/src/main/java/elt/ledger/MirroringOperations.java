package elt.ledger;

import elt.driver.Failpoint;
import elt.driver.Failpoints;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/**
 * Table operations for one ledger commit. They mirror the entry into the table properties of the same metadata version
 * and remember what is known of the outcome.
 *
 * <p>A {@code Transaction} would do for the mirror, except for the number of rows: it replays a property update with the value
 * of the first attempt, which a foreign commit in between has made wrong. Here the mirror is derived from the very
 * metadata that is committed.
 */
final class MirroringOperations implements TableOperations {
  /** The catalog failed in a way of which Iceberg says nothing: cautiously taken for an unknown outcome. */
  static final class Cut extends RuntimeException {
    Cut(RuntimeException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private final TableOperations operations;
  private final String table;
  private final LedgerEntry entry;
  private LedgerEntry committed;
  private TableMetadata committedMetadata;
  private boolean isOutcomeUnknown;

  MirroringOperations(TableOperations operations, String table, LedgerEntry entry) {
    this.operations = operations;
    this.table = table;
    this.entry = entry;
  }

  /** The entry with its snapshot id, once it is certain that it was committed. */
  Optional<LedgerEntry> committed() {
    return Optional.ofNullable(committed);
  }

  /** True when the catalog was asked to commit and did not say whether it did. */
  boolean isOutcomeUnknown() {
    return isOutcomeUnknown;
  }

  @Override
  public void commit(TableMetadata base, TableMetadata metadata) {
    Snapshot snapshot = metadata.currentSnapshot();
    LedgerEntry stored = withSnapshot(entry, snapshot.snapshotId());
    try {
      TableMetadata mirrored = mirror(metadata, stored);
      isOutcomeUnknown = true;
      send(base, mirrored);
      isOutcomeUnknown = false;
      committed = stored;
      committedMetadata = mirrored;
    } catch (CommitFailedException refused) {
      // A client that repeats a call whose reply was cut is refused by its own success: look before believing. Iceberg
      // would delete the manifests of a refused commit.
      if (isInTable(refused)) {
        isOutcomeUnknown = false;
        committed = stored;
        return;
      }
      isOutcomeUnknown = false;
      throw refused;
    } catch (CommitStateUnknownException unknown) {
      throw unknown;
    } catch (RuntimeException cut) {
      throw new CommitStateUnknownException(new Cut(cut));
    }
  }

  private void send(TableMetadata base, TableMetadata metadata) {
    boolean isClaim = entry.start().equals(entry.position()) && Objects.equals(entry.startIngestedAt(), entry.ingestedAt());
    if (isClaim) {
      operations.commit(base, metadata);
    } else {
      Failpoints.within(
          Failpoint.COMMIT_SENT, "recv_alter_table_with_environment_context", () -> operations.commit(base, metadata));
    }
  }

  private boolean isInTable(CommitFailedException refused) {
    try {
      return Ledger.of(table, operations.refresh()).find(entry.commitId()).isPresent();
    } catch (RuntimeException unreadable) {
      unreadable.addSuppressed(refused);
      throw new CommitStateUnknownException(unreadable);
    }
  }

  private static TableMetadata mirror(TableMetadata metadata, LedgerEntry stored) {
    Snapshot snapshot = metadata.currentSnapshot();
    Map<String, String> properties =
        LedgerCodec.properties(
            stored, snapshot.sequenceNumber(), snapshot.summary().get(SnapshotSummary.TOTAL_RECORDS_PROP));
    Set<String> removed = new HashSet<>();
    properties.forEach(
        (key, value) -> {
          if (value == null) {
            removed.add(key);
          }
        });
    properties.keySet().removeAll(removed);
    return TableMetadata.buildFrom(metadata).setProperties(properties).removeProperties(removed).build();
  }

  private static LedgerEntry withSnapshot(LedgerEntry entry, long snapshotId) {
    return new LedgerEntry(
        snapshotId,
        entry.writer(),
        entry.commitId(),
        entry.start(),
        entry.position(),
        entry.startIngestedAt(),
        entry.ingestedAt(),
        entry.rows(),
        entry.gaps());
  }

  @Override
  public TableMetadata current() {
    if (committedMetadata != null) {
      return committedMetadata;
    }
    TableMetadata current = operations.current();
    if (current == null) {
      // What the operations of a metastore have once they found the table gone.
      throw new NoSuchTableException("Table does not exist: %s", table);
    }
    return current;
  }

  /** After the commit, what it has made of the table: Iceberg only asks which of its manifests were used. */
  @Override
  public TableMetadata refresh() {
    return committedMetadata == null ? operations.refresh() : committedMetadata;
  }

  @Override
  public FileIO io() {
    return operations.io();
  }

  @Override
  public EncryptionManager encryption() {
    return operations.encryption();
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return operations.metadataFileLocation(fileName);
  }

  @Override
  public LocationProvider locationProvider() {
    return operations.locationProvider();
  }

  @Override
  public TableOperations temp(TableMetadata uncommittedMetadata) {
    return operations.temp(uncommittedMetadata);
  }

  @Override
  public long newSnapshotId() {
    return operations.newSnapshotId();
  }

  @Override
  public boolean requireStrictCleanup() {
    return operations.requireStrictCleanup();
  }
}
