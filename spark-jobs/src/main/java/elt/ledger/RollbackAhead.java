package elt.ledger;

import elt.driver.Micros;
import elt.ledger.CommitOutcome.Discarded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericDeleteFilter;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.Parquet;

/**
 * Takes back the rows of a table that are ahead of a clock. Files that hold nothing else are dropped; files that a
 * compaction has mixed with older rows are written anew without them. Runs in the driver: what is ahead is one batch.
 */
final class RollbackAhead {
  private final Table table;
  private final String clockColumn;
  private final LedgerEntry truth;

  RollbackAhead(Table table, String clockColumn, LedgerEntry truth) {
    this.table = table;
    this.clockColumn = clockColumn;
    this.truth = truth;
  }

  /** The files to take away and those to put in their place. */
  private record Plan(Long snapshotId, List<DataFile> removed, List<DataFile> added, long rows) {}

  CommitOutcome run(LedgerEntry expected, LedgeredAppend append) {
    LedgerEntry from = expected;
    while (true) {
      Plan plan = plan();
      try {
        CommitOutcome outcome = append.write(from, entry(from, append.writer()), notes(plan), target -> change(target, plan));
        if (!(outcome instanceof Discarded discarded)) {
          deleteIfUnused(outcome, plan);
          return outcome;
        }
        from = discarded.newest();
      } catch (ValidationException changedMeanwhile) {
        // A compaction has rewritten the files since the plan was made: certainly not committed, plan again.
        plan.added().forEach(file -> table.io().deleteFile(file.location()));
      }
    }
  }

  private Plan plan() {
    table.refresh();
    List<DataFile> removed = new ArrayList<>();
    List<DataFile> added = new ArrayList<>();
    long rowsAhead = 0;
    OutputFileFactory newFiles = OutputFileFactory.builderFor(table, 0, 0).format(FileFormat.PARQUET).build();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().filter(isAhead()).ignoreResiduals().planFiles()) {
      for (FileScanTask task : tasks) {
        Rewritten rewritten = withoutRowsAhead(task, newFiles);
        if (rewritten.rowsAhead() > 0) {
          rowsAhead += rewritten.rowsAhead();
          removed.add(task.file());
          added.addAll(rewritten.files());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Long snapshotId = table.currentSnapshot() == null ? null : table.currentSnapshot().snapshotId();
    return new Plan(snapshotId, removed, added, rowsAhead);
  }

  private Expression isAhead() {
    return truth.ingestedAt() == null
        ? Expressions.notNull(clockColumn)
        : Expressions.greaterThan(clockColumn, Micros.iso(truth.ingestedAt()));
  }

  /** The rows of a file that stay, in at most one new file. */
  private record Rewritten(List<DataFile> files, long rowsAhead) {}

  private Rewritten withoutRowsAhead(FileScanTask task, OutputFileFactory newFiles) throws IOException {
    GenericDeleteFilter deletes = new GenericDeleteFilter(table.io(), task, table.schema(), table.schema());
    DataWriter<Record> writer = null;
    long ahead = 0;
    try (CloseableIterable<Record> rows = deletes.filter(read(task, deletes))) {
      for (Record row : rows) {
        if (isAhead((OffsetDateTime) row.getField(clockColumn))) {
          ahead++;
        } else {
          writer = writer == null ? writer(task, newFiles) : writer;
          writer.write(row);
        }
      }
    } finally {
      if (writer != null) {
        writer.close();
      }
    }
    if (ahead > 0) {
      return new Rewritten(writer == null ? List.of() : List.of(writer.toDataFile()), ahead);
    }
    if (writer != null) {
      table.io().deleteFile(writer.toDataFile().location());
    }
    return new Rewritten(List.of(), 0);
  }

  private boolean isAhead(OffsetDateTime clock) {
    return clock != null
        && (truth.ingestedAt() == null
            || ChronoUnit.MICROS.between(Instant.EPOCH, clock.toInstant()) > truth.ingestedAt());
  }

  private CloseableIterable<Record> read(FileScanTask task, GenericDeleteFilter deletes) {
    return Parquet.read(table.io().newInputFile(task.file().location()))
        .project(deletes.requiredSchema())
        .createReaderFunc(schema -> GenericParquetReaders.buildReader(deletes.requiredSchema(), schema))
        .build();
  }

  private DataWriter<Record> writer(FileScanTask task, OutputFileFactory newFiles) throws IOException {
    return Parquet.writeData(newFiles.newOutputFile(task.spec(), task.file().partition()))
        .forTable(table)
        .createWriterFunc(schema -> GenericParquetWriter.create(table.schema(), schema))
        .withSpec(task.spec())
        .withPartition(task.file().partition())
        .overwrite()
        .build();
  }

  private OverwriteFiles change(Table target, Plan plan) {
    OverwriteFiles overwrite = target.newOverwrite();
    plan.removed().forEach(overwrite::deleteFile);
    plan.added().forEach(overwrite::addFile);
    if (plan.snapshotId() != null) {
      overwrite.validateFromSnapshot(plan.snapshotId()).conflictDetectionFilter(isAhead()).validateNoConflictingDeletes();
    }
    return overwrite;
  }

  private LedgerEntry entry(LedgerEntry from, Writer writer) {
    return new LedgerEntry(
        -1,
        writer,
        Batch.newCommitId(),
        from.position(),
        truth.position(),
        from.ingestedAt(),
        truth.ingestedAt(),
        0,
        Map.of());
  }

  private static Map<String, String> notes(Plan plan) {
    return Map.of(LedgerKeys.ROLLED_BACK_ROWS, Long.toString(plan.rows()));
  }

  private void deleteIfUnused(CommitOutcome outcome, Plan plan) {
    if (outcome instanceof CommitOutcome.Fenced fenced && fenced.mayDeleteFiles()) {
      plan.added().forEach(file -> table.io().deleteFile(file.location()));
    }
  }
}
