package elt.driver;

import java.util.Map;

/**
 * What {@code elt offsets recover} asks for.
 *
 * @param table the table whose position is recomputed: RAW, or SILVER
 * @param coordinate what counts progress in that table
 * @param from RAW, for the clock coordinate; otherwise null
 * @param rejectsTable the rejects beside SILVER, for the clock coordinate; otherwise null
 */
public record RecoverSpec(
    String runId,
    String claim,
    String pipeline,
    String catalog,
    String table,
    Coordinate coordinate,
    String from,
    String rejectsTable)
    implements DriverSpec {

  /** What counts progress: RAW by Kafka offsets, SILVER by RAW's commit clock. */
  public enum Coordinate {
    KAFKA,
    CLOCK
  }

  /**
   * Parses the program argument.
   *
   * @throws DriverException {@code invalid-spec} with all problems found
   */
  public static RecoverSpec parse(String json) {
    SpecReader spec = SpecReader.of(json);
    String runId = spec.text("runId");
    Coordinate coordinate =
        spec.choice("coordinate", Map.of("kafka", Coordinate.KAFKA, "clock", Coordinate.CLOCK), null);
    boolean isClock = coordinate == Coordinate.CLOCK;
    spec.choice("stage", Map.of(isClock ? "transform" : "extract", true), true);
    RecoverSpec parsed =
        new RecoverSpec(
            runId,
            spec.text("claim", runId),
            spec.text("pipeline"),
            spec.text("catalog"),
            spec.table("table"),
            coordinate,
            isClock ? spec.table("from") : spec.tableOrNull("from"),
            isClock ? spec.table("rejectsTable") : spec.tableOrNull("rejectsTable"));
    spec.done();
    return parsed;
  }

  @Override
  public String stage() {
    return coordinate == Coordinate.KAFKA ? "extract" : "transform";
  }
}
