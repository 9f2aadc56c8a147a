package elt.ledger;

import elt.driver.DriverException;

/** The ledger of a table cannot be trusted or may not be written: stop, never guess. */
public class LedgerException extends DriverException {
  private static final String RECOVER =
      " Nothing was written. To recompute the position from the rows that are there: elt offsets recover";

  /** With a stable code such as {@code ledger-rolled-back}. */
  public LedgerException(String code, String message) {
    super(code, message);
  }

  private LedgerException(String code, String message, Throwable cause) {
    super(code, message, cause);
  }

  static LedgerException ownedByOther(String table, String owner, String wanted) {
    return new LedgerException(
        "table-owned-by-other-pipeline",
        "Table "
            + table
            + " is written by "
            + owner
            + ", not by "
            + wanted
            + ". Nothing was written. Give each pipeline tables of its own in elt.yaml; a second transform may read the same RAW");
  }

  static LedgerException rolledBack(String table, String evidence) {
    return new LedgerException(
        "ledger-rolled-back", "Table " + table + " was rolled back behind its ledger: " + evidence + "." + RECOVER);
  }

  static LedgerException replaced(String table, String evidence) {
    return new LedgerException(
        "table-replaced", "Table " + table + " was replaced or emptied under its ledger: " + evidence + "." + RECOVER);
  }

  static LedgerException dropped(String table, Throwable cause) {
    return new LedgerException(
        "table-replaced",
        "Table " + table + " was dropped, or dropped and created again, while in use. Nothing was written."
            + " Start the run again to begin with the table that is there now",
        cause);
  }

  static LedgerException withoutPosition(String table, String rows) {
    return new LedgerException(
        "rows-without-position",
        "Table " + table + " has " + rows + " rows but no position, neither in its snapshots nor in its properties." + RECOVER);
  }

  static LedgerException unreadable(String table, String where, Throwable cause) {
    return new LedgerException(
        "ledger-unreadable",
        "Table " + table + ": the ledger entry of " + where + " cannot be read: " + cause.getMessage() + "." + RECOVER,
        cause);
  }
}
