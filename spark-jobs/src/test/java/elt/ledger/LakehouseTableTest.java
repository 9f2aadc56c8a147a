package elt.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;

class LakehouseTableTest {
  private static final NestedField ID = NestedField.required(1, "id", Types.LongType.get());
  private static final NestedField AT = NestedField.optional(2, "ingested_at", Types.TimestampType.withZone());
  private static final NestedField HEADERS =
      NestedField.optional(
          3,
          "headers",
          Types.ListType.ofOptional(
              4, Types.StructType.of(NestedField.optional(5, "key", Types.StringType.get()))));

  private final Catalog catalog = new MemoryLakehouse().catalog;

  private static TableDeclaration declared(NestedField... columns) {
    Schema schema = new Schema(columns);
    return new TableDeclaration(
        schema, PartitionSpec.builderFor(schema).hour("ingested_at").build(), "numbers/extract", List.of("id"), Map.of());
  }

  private Table open(TableDeclaration declared) {
    return LakehouseTable.open(catalog, "raw.numbers", declared);
  }

  private String mismatch(TableDeclaration declared) {
    LedgerException stop = assertThrows(LedgerException.class, () -> open(declared));
    assertEquals("schema-mismatch", stop.code());
    return stop.getMessage();
  }

  @Test
  void createsNamespaceAndTableWithOurProperties() {
    assertTrue(LakehouseTable.find(catalog, "raw.numbers").isEmpty());
    Table table = open(declared(ID, AT, HEADERS));
    assertEquals(2, ((BaseTable) table).operations().current().formatVersion());
    assertEquals("ingested_at_hour", table.spec().fields().get(0).name());
    Map<String, String> properties = table.properties();
    assertEquals("snappy", properties.get("write.parquet.compression-codec"));
    assertEquals("none", properties.get("write.distribution-mode"));
    assertEquals("true", properties.get("write.metadata.delete-after-commit.enabled"));
    assertEquals("gzip", properties.get("write.metadata.compression-codec"));
    assertEquals("counts", properties.get("write.metadata.metrics.default"));
    assertEquals("full", properties.get("write.metadata.metrics.column.id"));
    assertEquals("numbers/extract", properties.get("elt.owner"));
  }

  @Test
  void openingAgainChangesNothing() {
    open(declared(ID, AT, HEADERS));
    String before = metadata();
    open(declared(ID, AT, HEADERS));
    assertEquals(before, metadata());
  }

  private String metadata() {
    return ((BaseTable) LakehouseTable.find(catalog, "raw.numbers").orElseThrow())
        .operations()
        .current()
        .metadataFileLocation();
  }

  @Test
  void additionalNullableColumnsAreAdded() {
    open(declared(ID, AT));
    Table table = open(declared(ID, AT, HEADERS));
    assertTrue(table.schema().findField("headers").isOptional());
    assertEquals(3, table.schema().columns().size());
  }

  @Test
  void everyOtherDifferenceIsShownAllAtOnce() {
    open(declared(ID, AT, HEADERS));
    String message =
        mismatch(
            declared(
                NestedField.required(1, "id", Types.StringType.get()),
                AT,
                NestedField.required(9, "extra", Types.LongType.get())));
    assertTrue(message.contains("column id long not null, declared id string not null"), message);
    assertTrue(message.contains("column extra long not null is missing and not nullable"), message);
    assertTrue(message.contains("column headers array<struct<key string>> is not declared"), message);
    assertTrue(message.startsWith("Table raw.numbers is not as declared"), message);
  }

  @Test
  void anotherPartitioningIsShown() {
    Schema schema = new Schema(ID, AT);
    open(declared(ID, AT));
    String message =
        mismatch(
            new TableDeclaration(
                schema, PartitionSpec.builderFor(schema).day("ingested_at").build(), "numbers/extract", List.of(), Map.of()));
    assertTrue(message.contains("partitioned by hour(ingested_at), declared day(ingested_at)"), message);
  }

  @Test
  void aNullableColumnIsNotARequiredOne() {
    open(declared(NestedField.optional(1, "id", Types.LongType.get()), AT));
    assertTrue(mismatch(declared(ID, AT)).contains("column id long, declared id long not null"));
  }

  @Test
  void columnOrderIsNoDifference() {
    open(declared(ID, AT));
    open(declared(AT, ID));
  }

  @Test
  void missingPropertiesAreAddedAndOthersLeftAlone() {
    open(declared(ID, AT))
        .updateProperties()
        .set("write.parquet.compression-codec", "zstd")
        .remove("write.metadata.compression-codec")
        .commit();
    Table table = open(declared(ID, AT));
    assertEquals("zstd", table.properties().get("write.parquet.compression-codec"));
    assertEquals("gzip", table.properties().get("write.metadata.compression-codec"));
  }

  @Test
  void anotherOwnerIsRefused() {
    open(declared(ID, AT));
    TableDeclaration other =
        new TableDeclaration(
            new Schema(ID, AT), declared(ID, AT).spec(), "other/extract", List.of("id"), Map.of());
    LedgerException stop = assertThrows(LedgerException.class, () -> open(other));
    assertEquals("table-owned-by-other-pipeline", stop.code());
    assertTrue(stop.getMessage().contains("written by numbers/extract, not by other/extract"), stop.getMessage());
  }

  @Test
  void aTableOfFormatVersion1IsRefused() {
    Schema schema = new Schema(ID, AT);
    open(declared(ID, AT));
    catalog
        .buildTable(TableIdentifier.of("raw", "old"), schema)
        .withPartitionSpec(PartitionSpec.builderFor(schema).hour("ingested_at").build())
        .withProperty("format-version", "1")
        .create();
    LedgerException stop =
        assertThrows(LedgerException.class, () -> LakehouseTable.open(catalog, "raw.old", declared(ID, AT)));
    assertTrue(stop.getMessage().contains("format version 1, declared 2"), stop.getMessage());
  }
}
