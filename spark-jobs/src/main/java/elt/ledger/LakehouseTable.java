package elt.ledger;

import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;

/** Creates our tables, or checks that they are as declared, or evolves them by additional nullable columns. */
public final class LakehouseTable {
  private LakehouseTable() {}

  /**
   * The table {@code name} ({@code namespace.name}) as declared: created when missing (with its namespace), given the
   * nullable columns it lacks, otherwise left alone.
   *
   * @throws LedgerException {@code schema-mismatch} showing every other difference, or {@code table-owned-by-other-pipeline}
   */
  public static Table open(Catalog catalog, String name, TableDeclaration declared) {
    throw new UnsupportedOperationException("next commit");
  }

  /** The table {@code name}, fresh from the catalog; empty when there is none. */
  public static Optional<Table> find(Catalog catalog, String name) {
    throw new UnsupportedOperationException("next commit");
  }
}
