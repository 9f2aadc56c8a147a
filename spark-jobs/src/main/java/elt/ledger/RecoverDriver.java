package elt.ledger;

import elt.driver.DriverMain;
import elt.driver.RecoverSpec;

/** {@code elt offsets recover}: recomputes a table's position from its rows and commits it as an empty ledger entry. */
public final class RecoverDriver {
  private RecoverDriver() {}

  /** Takes one argument, a {@link RecoverSpec} as JSON. */
  public static void main(String[] args) {
    DriverMain.run(args, RecoverSpec::parse, context -> {
      throw new UnsupportedOperationException("next commit");
    });
  }
}
