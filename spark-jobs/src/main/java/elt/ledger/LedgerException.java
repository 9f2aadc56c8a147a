package elt.ledger;

import elt.driver.DriverException;

/** The ledger of a table cannot be trusted or may not be written: stop, never guess. */
public class LedgerException extends DriverException {
  /** With a stable code such as {@code ledger-rolled-back}. */
  public LedgerException(String code, String message) {
    super(code, message);
  }
}
