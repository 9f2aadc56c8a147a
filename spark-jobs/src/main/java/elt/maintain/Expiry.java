package elt.maintain;

import elt.driver.MaintainSpec.Role;
import elt.driver.Micros;
import elt.driver.StopSignal;
import elt.ledger.LakehouseTable;
import elt.ledger.Ledger;
import elt.ledger.LedgerEntry;
import elt.ledger.LedgerException;
import elt.ledger.LedgerKeys;
import elt.maintain.Retention.Version;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;

/** Removes the snapshots that nobody needs any more, by their ids, and the files that only they had. */
final class Expiry {
  private static final int AT_A_TIME = 10_000;

  private final Upkeep upkeep;
  private final Catalog catalog;

  Expiry(Upkeep upkeep, Catalog catalog) {
    this.upkeep = upkeep;
    this.catalog = catalog;
  }

  void run(StopSignal stop) {
    Table table = upkeep.table();
    table.refresh();
    Optional<String> hold = hold();
    if (hold.isPresent()) {
      upkeep.leftOut("expire", "no snapshot expires: " + hold.get());
      return;
    }
    Retention.Verdict verdict = retention().verdict();
    List<Version> expired = verdict.expired();
    if (!upkeep.isPlanOnly()) {
      for (int from = 0; from < expired.size() && !stop.isRequested(); from += AT_A_TIME) {
        expire(table, expired.subList(from, Math.min(expired.size(), from + AT_A_TIME)));
      }
    }
    tell(verdict);
  }

  /** Why nothing may expire now. */
  private Optional<String> hold() {
    if (upkeep.target().hold() != null) {
      return Optional.of(upkeep.target().hold());
    }
    if (upkeep.target().baseline() == null) {
      return Optional.of("none of them is known to be verified. Verify: elt validate " + upkeep.spec().pipeline());
    }
    boolean isRefreshing =
        upkeep.spec().tables().stream()
            .filter(one -> one.role() == Role.SILVER && upkeep.target().role() != Role.RAW)
            .flatMap(one -> LakehouseTable.find(catalog, one.table()).stream())
            .anyMatch(silver -> silver.properties().containsKey(LedgerKeys.REFRESH_BEGUN));
    return isRefreshing
        ? Optional.of("a full refresh has begun and not ended. To do it again: elt run transform --full-refresh")
        : Optional.empty();
  }

  private Retention retention() {
    TableHistory history = new TableHistory(upkeep.table());
    return new Retention(
        history.history(),
        history.aside(),
        history.referenced(),
        upkeep.target().baseline(),
        history.newestEntry(),
        neededClock(),
        System.currentTimeMillis() - upkeep.spec().keepSnapshotsMs());
  }

  /** The smallest clock that a SILVER made of this RAW has reached; one in its very first batch needs all there is. */
  private Long neededClock() {
    Long needed = null;
    for (String reader : upkeep.target().readers()) {
      Optional<Table> silver = LakehouseTable.find(catalog, reader);
      if (silver.isPresent()) {
        long reached = clock(silver.get());
        needed = needed == null ? reached : Math.min(needed, reached);
      }
    }
    return needed;
  }

  private static long clock(Table silver) {
    try {
      return Ledger.of(silver).newest().map(LedgerEntry::ingestedAt).orElse(Long.MIN_VALUE);
    } catch (LedgerException untrusted) {
      // Somebody has to repair it first, perhaps with the help of RAW's history.
      return Long.MIN_VALUE;
    }
  }

  private static void expire(Table table, List<Version> versions) {
    // Iceberg expires by age too, unless it is told that nothing is old.
    ExpireSnapshots expire = table.expireSnapshots().expireOlderThan(0);
    versions.forEach(version -> expire.expireSnapshotId(version.id()));
    expire.commit();
  }

  private void tell(Retention.Verdict verdict) {
    List<Version> expired = verdict.expired();
    Map<String, Object> facts = new LinkedHashMap<>();
    Map<String, Integer> kept = new LinkedHashMap<>();
    verdict.kept().forEach((reason, count) -> kept.put(reason.words, count));
    facts.put("snapshots", expired.size());
    facts.put("kept", kept);
    String range = "";
    if (!expired.isEmpty()) {
      Version first = expired.get(0);
      Version last = expired.get(expired.size() - 1);
      facts.put("from", Map.of("snapshotId", Long.toString(first.id()), "at", at(first)));
      facts.put("to", Map.of("snapshotId", Long.toString(last.id()), "at", at(last)));
      range = " of %s to %s".formatted(at(first), at(last));
    }
    String reasons =
        kept.entrySet().stream().map(one -> one.getValue() + " " + one.getKey()).collect(Collectors.joining(", "));
    upkeep.tell("expire", facts, "%s expired%s; kept: %s".formatted(Upkeep.count(expired.size(), "snapshot"), range, reasons));
  }

  private static String at(Version version) {
    return Instant.ofEpochMilli(version.committedAtMs()).toString();
  }
}
