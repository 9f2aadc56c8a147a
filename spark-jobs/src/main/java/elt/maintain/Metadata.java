package elt.maintain;

import elt.ledger.TableDeclaration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.UpdateProperties;

/** Sees to it that metadata files are compressed and that old ones go; a value that somebody chose stays. */
final class Metadata {
  private Metadata() {}

  static void run(Upkeep upkeep) {
    upkeep.table().refresh();
    Map<String, String> missing = new TreeMap<>(TableDeclaration.BOUNDED_METADATA);
    missing.keySet().removeAll(upkeep.table().properties().keySet());
    if (missing.isEmpty()) {
      return;
    }
    if (!upkeep.isPlanOnly()) {
      UpdateProperties update = upkeep.table().updateProperties();
      missing.forEach(update::set);
      update.commit();
    }
    upkeep.tell("metadata", Map.of("properties", missing), "properties set: " + missing);
  }
}
