package elt.ledger;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.types.Types;

/** Creates our tables, or checks that they are as declared, or evolves them by additional nullable columns. */
public final class LakehouseTable {
  private LakehouseTable() {}

  /**
   * The table {@code name} ({@code namespace.name}) as declared: created when missing (with its namespace), given the
   * nullable columns and the properties it lacks, otherwise left alone. A property that somebody set to another value stays.
   *
   * @throws LedgerException {@code schema-mismatch} showing every other difference, or {@code table-owned-by-other-pipeline}
   */
  public static Table open(Catalog catalog, String name, TableDeclaration declared) {
    Table table = find(catalog, name).orElseGet(() -> create(catalog, TableIdentifier.parse(name), declared));
    checkOwner(name, table, declared.owner());
    evolve(name, table, declared);
    completeProperties(table, declared);
    return table;
  }

  /** The table {@code name}, fresh from the catalog; empty when there is none. */
  public static Optional<Table> find(Catalog catalog, String name) {
    try {
      Table table = catalog.loadTable(TableIdentifier.parse(name));
      // Spark's catalog caches tables.
      table.refresh();
      return Optional.of(table);
    } catch (NoSuchTableException missing) {
      return Optional.empty();
    }
  }

  private static Table create(Catalog catalog, TableIdentifier id, TableDeclaration declared) {
    if (catalog instanceof SupportsNamespaces namespaces && !namespaces.namespaceExists(id.namespace())) {
      try {
        namespaces.createNamespace(id.namespace());
      } catch (AlreadyExistsException createdByAnother) {
        // Just as good.
      }
    }
    try {
      return catalog
          .buildTable(id, declared.schema())
          .withPartitionSpec(declared.spec())
          .withProperties(declared.allProperties())
          .create();
    } catch (AlreadyExistsException createdByAnother) {
      return catalog.loadTable(id);
    }
  }

  private static void checkOwner(String name, Table table, String owner) {
    String actual = table.properties().get(LedgerKeys.OWNER);
    if (actual != null && !actual.equals(owner)) {
      throw LedgerException.ownedByOther(name, actual, owner);
    }
  }

  private static void evolve(String name, Table table, TableDeclaration declared) {
    while (true) {
      TableDifference difference = TableDifference.between(table, declared);
      if (!difference.problems().isEmpty()) {
        throw mismatch(name, difference.problems());
      }
      if (difference.missingColumns().isEmpty()) {
        return;
      }
      try {
        UpdateSchema update = table.updateSchema();
        for (Types.NestedField column : difference.missingColumns()) {
          update.addColumn(column.name(), column.type(), column.doc());
        }
        update.commit();
        return;
      } catch (CommitFailedException | IllegalArgumentException concurrent) {
        // Somebody changed the table meanwhile: compare again, unless nothing has changed after all.
        table.refresh();
        if (TableDifference.between(table, declared).equals(difference)) {
          throw concurrent;
        }
      }
    }
  }

  private static void completeProperties(Table table, TableDeclaration declared) {
    Map<String, String> missing = new LinkedHashMap<>(declared.allProperties());
    missing.keySet().removeAll(table.properties().keySet());
    // Not a property of an existing table: it was compared with the others.
    missing.remove(org.apache.iceberg.TableProperties.FORMAT_VERSION);
    if (!missing.isEmpty()) {
      UpdateProperties update = table.updateProperties();
      missing.forEach(update::set);
      update.commit();
    }
  }

  private static LedgerException mismatch(String name, List<String> problems) {
    return new LedgerException(
        "schema-mismatch",
        "Table "
            + name
            + " is not as declared: "
            + String.join("; ", problems)
            + ". Nothing was written. Only additional nullable columns are added by themselves; change the declaration"
            + " or the table, or name another table in elt.yaml");
  }
}
