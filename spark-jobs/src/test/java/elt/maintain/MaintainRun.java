package elt.maintain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elt.driver.DriverContext;
import elt.driver.Events;
import elt.driver.MaintainSpec;
import elt.driver.MaintainSpec.Role;
import elt.driver.MaintainSpec.Target;
import elt.driver.Outages;
import elt.driver.RunState;
import elt.driver.StopSignal;
import elt.transform.TestRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;

/** One run of MAINTAIN in this JVM, on the tests' catalog. Nothing is recent unless the test says so. */
final class MaintainRun {
  private static int runs;

  final StopSignal stop = new StopSignal();
  private final List<Target> targets = new ArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  boolean planOnly;
  long keepSnapshotsMs = 1;
  long orphanGraceMs = 86_400_000;
  int minFiles = 2;

  /** A table whose current snapshot is verified. */
  MaintainRun verified(String table, Role role, String... readers) {
    return on(table, role, load(table).currentSnapshot().snapshotId(), null, readers);
  }

  MaintainRun on(String table, Role role, Long baseline, String hold, String... readers) {
    targets.add(new Target(table, role, baseline, hold, List.of(readers), null));
    return this;
  }

  /** As above, while a full refresh goes on. */
  MaintainRun refreshing(String table, Role role, long sinceMs) {
    targets.add(new Target(table, role, load(table).currentSnapshot().snapshotId(), null, List.of(), sinceMs));
    return this;
  }

  RunState run() {
    String runId = "maintain-" + ++runs;
    MaintainSpec spec =
        new MaintainSpec(
            runId, runId, "numbers", "lakehouse", planOnly, keepSnapshotsMs, orphanGraceMs, 128L << 20, minFiles, targets);
    Events events = new Events(new PrintStream(out, true, StandardCharsets.UTF_8), runId);
    return MaintainDriver.maintain(
        new DriverContext<>(spec, events, stop, new Outages(events, stop), System.nanoTime()),
        TestRun.SPARK,
        TestRun.CATALOG);
  }

  /** What was said of a step, for the only table. */
  JsonNode step(String name) {
    ObjectMapper json = new ObjectMapper();
    return out.toString(StandardCharsets.UTF_8)
        .lines()
        .map(
            line -> {
              try {
                return json.readTree(line);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .filter(event -> event.path("step").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in " + out));
  }

  static Table load(String name) {
    Table table = TestRun.CATALOG.loadTable(TableIdentifier.parse(name));
    table.refresh();
    return table;
  }
}
