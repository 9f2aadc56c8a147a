package elt.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * What tells a table from its declaration. Column order and field ids are no difference.
 *
 * @param missingColumns nullable columns that may simply be added
 * @param problems everything else, in words
 */
record TableDifference(List<Types.NestedField> missingColumns, List<String> problems) {
  static TableDifference between(Table table, TableDeclaration declared) {
    List<Types.NestedField> missing = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    compareColumns(table.schema(), declared.schema(), missing, problems);
    String actualSpec = describe(table.spec());
    String declaredSpec = describe(declared.spec());
    if (!actualSpec.equals(declaredSpec)) {
      problems.add("partitioned by " + actualSpec + ", declared " + declaredSpec);
    }
    int version = formatVersion(table);
    if (version != 2) {
      problems.add("format version " + version + ", declared 2");
    }
    return new TableDifference(List.copyOf(missing), List.copyOf(problems));
  }

  private static int formatVersion(Table table) {
    return table instanceof BaseTable ? TableUtil.formatVersion(table) : 2;
  }

  private static void compareColumns(
      Schema actual, Schema declared, List<Types.NestedField> missing, List<String> problems) {
    for (Types.NestedField wanted : declared.columns()) {
      Types.NestedField found = actual.findField(wanted.name());
      if (found == null && wanted.isOptional()) {
        missing.add(wanted);
      } else if (found == null) {
        problems.add("column " + describe(wanted) + " is missing and not nullable");
      } else if (!describe(found).equals(describe(wanted))) {
        problems.add("column " + describe(found) + ", declared " + describe(wanted));
      }
    }
    TreeSet<String> extra = new TreeSet<>(actual.columns().stream().map(Types.NestedField::name).toList());
    declared.columns().forEach(column -> extra.remove(column.name()));
    extra.forEach(name -> problems.add("column " + describe(actual.findField(name)) + " is not declared"));
  }

  private static String describe(Types.NestedField field) {
    return field.name() + " " + describe(field.type()) + (field.isOptional() ? "" : " not null");
  }

  /** The type without field ids, which the catalog assigns. */
  private static String describe(Type type) {
    if (type instanceof Types.StructType struct) {
      return "struct<" + String.join(", ", struct.fields().stream().map(TableDifference::describe).toList()) + ">";
    }
    if (type instanceof Types.ListType list) {
      return "array<" + describe(list.elementType()) + (list.isElementOptional() ? "" : " not null") + ">";
    }
    if (type instanceof Types.MapType map) {
      return "map<" + describe(map.keyType()) + ", " + describe(map.valueType()) + ">";
    }
    return type.toString();
  }

  private static String describe(PartitionSpec spec) {
    List<String> fields = new ArrayList<>();
    for (PartitionField field : spec.fields()) {
      if (!field.transform().isVoid()) {
        fields.add(field.transform() + "(" + spec.schema().findColumnName(field.sourceId()) + ")");
      }
    }
    return fields.isEmpty() ? "nothing" : String.join(", ", fields);
  }
}
