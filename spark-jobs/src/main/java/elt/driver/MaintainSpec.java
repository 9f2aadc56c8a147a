package elt.driver;

import java.util.List;
import java.util.Map;

/**
 * What MAINTAIN is asked to do.
 *
 * @param planOnly say what would be done, change nothing
 * @param keepSnapshotsMs how long a snapshot is kept after another one took its place: readers may have just begun
 * @param orphanGraceMs how old a file must be that nothing refers to before it is removed
 * @param minFilesToCompact fewer small files in a partition are left alone
 */
public record MaintainSpec(
    String runId,
    String claim,
    String pipeline,
    String catalog,
    boolean planOnly,
    long keepSnapshotsMs,
    long orphanGraceMs,
    long targetFileSizeBytes,
    int minFilesToCompact,
    List<Target> tables)
    implements DriverSpec {
  private static final long ONE_DAY_MS = 86_400_000L;

  /** Which of a pipeline's tables it is. */
  public enum Role {
    RAW,
    SILVER,
    REJECTS
  }

  /**
   * A table and what is known of it.
   *
   * @param baseline the last verified snapshot; null when there is none
   * @param hold why nothing of the table may expire; null when there is no reason
   * @param readers RAW: the SILVER tables that are made of it
   * @param refreshSinceMs since when a full refresh writes files that nothing refers to yet; null for none
   */
  public record Target(
      String table, Role role, Long baseline, String hold, List<String> readers, Long refreshSinceMs) {}

  /** Copies the tables. */
  public MaintainSpec {
    tables = List.copyOf(tables);
  }

  /**
   * Parses the program argument.
   *
   * @throws DriverException {@code invalid-spec} with all problems found
   */
  public static MaintainSpec parse(String json) {
    SpecReader spec = SpecReader.of(json);
    String runId = spec.text("runId");
    spec.choice("stage", Map.of("maintain", true), null);
    boolean allowsShortGrace = spec.flag("allowShortGrace");
    List<Target> tables = spec.objects("tables").stream().map(MaintainSpec::target).toList();
    if (tables.isEmpty()) {
      spec.problem("tables", "expected at least one table");
    }
    MaintainSpec parsed =
        new MaintainSpec(
            runId,
            spec.text("claim", runId),
            spec.text("pipeline"),
            spec.text("catalog"),
            spec.flag("planOnly"),
            spec.number("keepSnapshotsMs", 1, 3_600_000),
            // Younger files may belong to a batch that a driver has in hand.
            spec.number("orphanGraceMs", allowsShortGrace ? 1 : ONE_DAY_MS, 3 * ONE_DAY_MS),
            spec.number("targetFileSizeBytes", 1, 128L << 20),
            Math.toIntExact(spec.number("minFilesToCompact", 2, 5)),
            tables);
    spec.done();
    return parsed;
  }

  private static Target target(SpecReader spec) {
    long baseline = spec.id("baseline");
    long since = spec.number("refreshSinceMs", 0, -1);
    return new Target(
        spec.table("table"),
        spec.choice("role", Map.of("raw", Role.RAW, "silver", Role.SILVER, "rejects", Role.REJECTS), null),
        baseline == -1 ? null : baseline,
        spec.text("hold", null),
        spec.tables("readers"),
        since == -1 ? null : since);
  }

  @Override
  public String stage() {
    return "maintain";
  }

  /** The first one: the driver claims none of them. */
  @Override
  public String table() {
    return tables.get(0).table();
  }
}
