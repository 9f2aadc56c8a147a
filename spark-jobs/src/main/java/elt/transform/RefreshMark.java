package elt.transform;

import elt.driver.DriverException;
import elt.ledger.Ledger;
import elt.ledger.LedgerKeys;
import java.util.stream.Stream;
import org.apache.iceberg.Table;

/**
 * A property of SILVER that says that a full refresh is about to replace first the rejects, then SILVER.
 * One that ended in between leaves rejects and SILVER of two different runs of the statement, which no
 * clock tells: until it is done again, nothing may be added.
 */
final class RefreshMark {
  private final Table silver;
  private final Table rejects;

  RefreshMark(Table silver, Table rejects) {
    this.silver = silver;
    this.rejects = rejects;
  }

  /** Called before the first of the two commits, which carry {@code refreshId} as their commit id. */
  void begin(String refreshId) {
    // What a refresh before this one left half done is so until this one is done.
    if (!isHalfDone()) {
      silver.updateProperties().set(LedgerKeys.REFRESH_BEGUN, refreshId).commit();
    }
  }

  /** Called when both are done. */
  void end() {
    silver.updateProperties().remove(LedgerKeys.REFRESH_BEGUN).commit();
  }

  /**
   * Removes the mark of a refresh that was done, or never begun.
   *
   * @throws DriverException {@code full-refresh-interrupted}
   */
  void expectNotHalfDone() {
    if (isHalfDone()) {
      throw new DriverException(
          "full-refresh-interrupted",
          ("A full refresh of %s ended after it had replaced the rejects and before it replaced SILVER, so the two do not"
                  + " fit together. Nothing was written. Do it again: elt run transform --full-refresh")
              .formatted(silver.name()));
    }
    if (silver.properties().containsKey(LedgerKeys.REFRESH_BEGUN)) {
      end();
    }
  }

  private boolean isHalfDone() {
    silver.refresh();
    rejects.refresh();
    String refreshId = silver.properties().get(LedgerKeys.REFRESH_BEGUN);
    return refreshId != null && has(rejects, refreshId) && !has(silver, refreshId);
  }

  private static boolean has(Table table, String commitId) {
    Ledger ledger = Ledger.of(table);
    return Stream.concat(ledger.entries(), ledger.newest().stream())
        .anyMatch(entry -> commitId.equals(entry.commitId()));
  }
}
