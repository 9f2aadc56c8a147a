package elt.maintain;

import static elt.maintain.MaintainRun.load;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.driver.DriverException;
import elt.driver.MaintainSpec;
import elt.driver.MaintainSpec.Role;
import elt.transform.TestRaw;
import elt.transform.TestRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrphanFilesTest {
  private static Path folder(Table table) {
    return Path.of(table.location().replaceFirst("^file:", ""));
  }

  private static Path file(Path path, Duration age) throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, "left behind");
    return age(path, age);
  }

  private static Path age(Path path, Duration age) throws IOException {
    return Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(age)));
  }

  private static TestRaw raw(String name) {
    TestRaw raw = new TestRaw(TestRun.CATALOG, name);
    for (int i = 0; i < 5; i++) {
      raw.commitNumbers(0, 3);
    }
    return raw;
  }

  @Test
  void oldFilesThatNothingRefersToAreRemovedAndNoOthers() throws Exception {
    Table table = raw("raw.orphans").table();
    table.manageSnapshots().createTag("tagged", table.snapshots().iterator().next().snapshotId()).commit();
    Path folder = folder(table);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        age(path, Duration.ofDays(30));
      }
    }
    Path data = file(folder.resolve("data/ingested_at_hour=2026-01-01-00/00000-1-abc-00001.parquet"), Duration.ofDays(2));
    Path manifest = file(folder.resolve("metadata/abc-m0.avro"), Duration.ofDays(2));
    Path metadata = file(folder.resolve("metadata/00007-abc.gz.metadata.json"), Duration.ofDays(2));
    Path young = file(folder.resolve("data/ingested_at_hour=2026-01-01-00/00000-1-def-00001.parquet"), Duration.ofHours(23));
    Path note = file(folder.resolve("data/README.txt"), Duration.ofDays(2));
    Path nested = file(folder.resolve("data/other/data/00000-1-abc-00001.parquet"), Duration.ofDays(2));
    Path neighbour = file(Path.of(folder + "_2").resolve("data/00000-1-abc-00001.parquet"), Duration.ofDays(2));

    MaintainRun plan = new MaintainRun().on("raw.orphans", Role.RAW, null, null);
    plan.minFiles = 100;
    plan.planOnly = true;
    plan.run();
    assertEquals(3, plan.step("orphans").get("files").asInt(), plan.step("orphans").toString());
    assertTrue(Files.exists(data));

    MaintainRun run = new MaintainRun().on("raw.orphans", Role.RAW, null, null);
    run.minFiles = 100;
    run.run();
    assertEquals(3, run.step("orphans").get("removed").asInt());
    for (Path gone : new Path[] {data, manifest, metadata}) {
      assertFalse(Files.exists(gone), gone.toString());
    }
    for (Path there : new Path[] {young, note, nested, neighbour}) {
      assertTrue(Files.exists(there), there.toString());
    }
    assertEquals(15, TestRun.rows("raw.orphans").count());
    long snapshots = 0;
    for (var snapshot : load("raw.orphans").snapshots()) {
      TestRun.SPARK.sql("SELECT * FROM lakehouse.raw.orphans VERSION AS OF " + snapshot.snapshotId()).collectAsList();
      snapshots++;
    }
    assertEquals(6, snapshots);
    raw("raw.orphans");
  }

  @Test
  void theFilesOfAFullRefreshThatGoesOnAreLeftAlone() throws Exception {
    Table table = raw("raw.refreshing").table();
    Path file = file(folder(table).resolve("data/00000-1-abc-00001.parquet"), Duration.ofDays(2));
    new MaintainRun().refreshing("raw.refreshing", Role.RAW, Instant.now().minus(Duration.ofDays(3)).toEpochMilli()).run();
    assertTrue(Files.exists(file));
    new MaintainRun().refreshing("raw.refreshing", Role.RAW, Instant.now().toEpochMilli()).run();
    assertFalse(Files.exists(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://b/w/raw.db/t/data/f", "s3a://b/w/raw.db/t/data/f", "s3n://b/w/raw.db/t/data/f"})
  void theSchemeOfAStoreDoesNotMatter(String location) {
    assertEquals(OrphanFiles.Path.of("s3://b/w/raw.db/t/data/f"), OrphanFiles.Path.of(location));
    assertNotEquals(OrphanFiles.Path.of("s3://c/w/raw.db/t/data/f"), OrphanFiles.Path.of(location));
    assertEquals(OrphanFiles.Path.of("/w/f"), OrphanFiles.Path.of("file:/w/f"));
    assertEquals(OrphanFiles.Path.of("/w/f"), OrphanFiles.Path.of("file:///w/f"));
  }

  @Test
  void aGraceOfLessThanADayIsRefusedUnlessTestsInsist() {
    String spec =
        """
        {"runId": "r", "pipeline": "p", "stage": "maintain", "catalog": "c", "orphanGraceMs": 3600000, %s
         "tables": [{"table": "raw.t", "role": "raw", "baseline": "-12", "readers": ["silver.t"]}]}""";
    DriverException refused = assertThrows(DriverException.class, () -> MaintainSpec.parse(spec.formatted("")));
    assertTrue(refused.getMessage().contains("86400000"), refused.getMessage());
    MaintainSpec parsed = MaintainSpec.parse(spec.formatted("\"allowShortGrace\": true,"));
    assertEquals(3_600_000, parsed.orphanGraceMs());
    assertEquals(-12L, parsed.tables().get(0).baseline());
    assertEquals("raw.t", parsed.table());
  }
}
