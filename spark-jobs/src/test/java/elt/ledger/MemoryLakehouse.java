package elt.ledger;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.inmemory.InMemoryFileIO;

/** A real Iceberg catalog in memory. */
final class MemoryLakehouse extends TestLakehouse {
  private final String warehouse;

  MemoryLakehouse() {
    this("memory-" + UUID.randomUUID());
  }

  private MemoryLakehouse(String warehouse) {
    super(catalog(warehouse), TableIdentifier.of("raw", "numbers"));
    this.warehouse = warehouse;
  }

  private static Catalog catalog(String warehouse) {
    InMemoryCatalog catalog = new InMemoryCatalog();
    catalog.initialize("lakehouse", Map.of("warehouse", warehouse));
    return catalog;
  }

  /** Frees the memory: Iceberg keeps the files of all in-memory catalogs in one static map, for ever. */
  void forgetFiles() {
    try {
      Field files = InMemoryFileIO.class.getDeclaredField("IN_MEMORY_FILES");
      files.setAccessible(true);
      ((Map<?, ?>) files.get(null)).keySet().removeIf(location -> location.toString().startsWith(warehouse));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
