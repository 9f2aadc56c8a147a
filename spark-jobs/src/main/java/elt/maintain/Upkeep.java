package elt.maintain;

import elt.driver.Events;
import elt.driver.MaintainSpec;
import elt.driver.MaintainSpec.Target;
import java.util.Map;
import org.apache.iceberg.Table;

/** One table under maintenance, and where to say what was found and done. */
record Upkeep(MaintainSpec spec, Target target, Table table, Events events) {
  boolean isPlanOnly() {
    return spec.planOnly();
  }

  /** A step that was done, or with {@code planOnly} would be. */
  void tell(String step, Map<String, ?> facts, String text) {
    events.maintenance(target.table(), step, !spec.planOnly(), facts, text);
  }

  /** A step that was left out, and why. */
  void leftOut(String step, String why) {
    events.maintenance(target.table(), step, false, Map.of("leftOut", true), why);
  }

  /** {@code 12.3 MiB}. */
  static String size(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : "%.1f %s".formatted(value, units[unit]);
  }

  /** {@code 1 file}, {@code 2 files}. */
  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
