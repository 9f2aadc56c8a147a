package elt.transform;

import elt.driver.DriverException;
import elt.driver.Micros;
import elt.ledger.LakehouseTable;
import elt.ledger.Ledger;
import elt.ledger.LedgerEntry;
import elt.ledger.Position;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/** One snapshot of RAW, pinned: what later commits, compactions or rollbacks do to the table is not seen. */
final class RawSnapshot {
  private final String name;
  private final Table table;
  private final Ledger ledger;

  private RawSnapshot(String name, Table table, Ledger ledger) {
    this.name = name;
    this.table = table;
    this.ledger = ledger;
  }

  /**
   * RAW as it is now.
   *
   * @throws DriverException {@code raw-missing}, or {@code schema-mismatch} for a table that is no RAW
   */
  static RawSnapshot pin(Catalog catalog, String name) {
    Table table =
        LakehouseTable.find(catalog, name)
            .orElseThrow(
                () ->
                    new DriverException(
                        "raw-missing",
                        "Table %s does not exist, so there is nothing to transform. It is created by the first run of its extract: elt run extract"
                            .formatted(name)));
    List<String> missing =
        RawColumns.ALL.stream().filter(column -> table.schema().findField(column) == null).toList();
    if (!missing.isEmpty()) {
      throw new DriverException(
          "schema-mismatch",
          "Table %s is no RAW table: it has no column %s. Name the table that an extract writes (transform.from in elt.yaml)"
              .formatted(name, String.join(", ", missing)));
    }
    return new RawSnapshot(name, table, Ledger.of(table));
  }

  Table table() {
    return table;
  }

  /** The clock of RAW's newest commit; null before the first rows. */
  Long clock() {
    return ledger.newest().map(LedgerEntry::ingestedAt).orElse(null);
  }

  /**
   * What is in RAW and not in SILVER yet.
   *
   * @param silver SILVER's newest entry; null before the first
   * @param until a clock that must be reached, more is not needed; null for all there is
   * @throws DriverException {@code silver-ahead-of-raw}
   */
  RawBacklog backlog(LedgerEntry silver, Long until) {
    Long after = silver == null ? null : silver.ingestedAt();
    Position position = silver == null ? Position.EMPTY : silver.position();
    List<LedgerEntry> entries = entriesAfter(after);
    if (after != null) {
      expectSameHistory(after, entries);
    }
    List<LedgerEntry> commits = commits(entries, until);
    if (commits.isEmpty() || after != null && until != null && until <= after) {
      return new RawBacklog(after, position, List.of(), List.of());
    }
    return new RawBacklog(
        after, position, commits, files(after, commits.get(commits.size() - 1).ingestedAt()));
  }

  /** RAW's ledger entries after SILVER's clock, newest first: the history further back is not looked at. */
  private List<LedgerEntry> entriesAfter(Long after) {
    List<LedgerEntry> entries =
        ledger.entries().takeWhile(entry -> isAfter(entry, after)).collect(Collectors.toCollection(ArrayList::new));
    if (entries.isEmpty()) {
      // Known from the table's properties alone when all snapshots of ours have expired.
      ledger.newest().filter(entry -> isAfter(entry, after)).ifPresent(entries::add);
    }
    return entries;
  }

  private static boolean isAfter(LedgerEntry entry, Long after) {
    return entry.ingestedAt() != null && (after == null || entry.ingestedAt() > after);
  }

  /** Oldest first, one for each clock; claims only where nothing else is known. */
  private static List<LedgerEntry> commits(List<LedgerEntry> newestFirst, Long until) {
    TreeMap<Long, LedgerEntry> byClock = new TreeMap<>();
    for (LedgerEntry entry : newestFirst) {
      byClock.merge(entry.ingestedAt(), entry, (known, older) -> known.rows() > 0 ? known : older);
    }
    Long end = until == null ? null : byClock.ceilingKey(until);
    return List.copyOf(end == null ? byClock.values() : byClock.headMap(end, true).values());
  }

  /**
   * SILVER's clock must be a point in RAW's history, as far as that is known. Otherwise RAW was rolled
   * back or made anew, has gone on since, and hides it behind a later clock.
   */
  private void expectSameHistory(long after, List<LedgerEntry> newestFirst) {
    if (clock() == null || after > clock()) {
      throw aheadOfRaw(after, "RAW has only reached " + (clock() == null ? "no clock at all" : Micros.iso(clock())));
    }
    newestFirst.stream()
        .filter(entry -> entry.rows() > 0)
        .reduce((newer, older) -> older)
        .filter(next -> next.startIngestedAt() == null || next.startIngestedAt() < after)
        .ifPresent(next -> {
          String start = next.startIngestedAt() == null ? "nothing" : Micros.iso(next.startIngestedAt());
          throw aheadOfRaw(after, "RAW's commit %s goes on from %s".formatted(next.commitId(), start));
        });
  }

  private List<RawFile> files(Long after, long end) {
    int clockId = table.schema().findField(RawColumns.INGESTED_AT).fieldId();
    TableScan scan =
        table
            .newScan()
            .useSnapshot(ledger.currentSnapshotId().orElseThrow())
            .includeColumnStats(List.of(RawColumns.INGESTED_AT))
            .filter(Expressions.lessThanOrEqual(RawColumns.INGESTED_AT, end));
    if (after != null) {
      scan = scan.filter(Expressions.greaterThan(RawColumns.INGESTED_AT, after));
    }
    List<RawFile> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
      tasks.forEach(task -> files.add(RawFile.of(task, clockId)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  private DriverException aheadOfRaw(long after, String raw) {
    return new DriverException(
        "silver-ahead-of-raw",
        ("SILVER has read %s up to %s, but %s: RAW was rolled back or replaced. Nothing was written."
                + " To rebuild SILVER from the RAW that is there: elt run transform --full-refresh")
            .formatted(name, Micros.iso(after), raw));
  }
}
