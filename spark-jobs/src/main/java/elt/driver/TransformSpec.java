package elt.driver;

import java.util.Map;

/**
 * What TRANSFORM is asked to do.
 *
 * @param table SILVER
 * @param from RAW
 * @param rejectsTable where rows go that cannot become SILVER
 * @param sql the pipeline's projection over the view {@code raw}
 * @param acceptedPastMs how far before {@code ingested_at} an event time may lie
 * @param acceptedFutureMs how far after {@code ingested_at} an event time may lie
 * @param fullRefresh rebuild SILVER and rejects from all of RAW
 * @param statsd where metrics go, {@code host:port}; null for nowhere
 */
public record TransformSpec(
    String runId,
    String claim,
    String pipeline,
    Mode mode,
    String catalog,
    String table,
    long commitIntervalMs,
    long maxRowsPerCommit,
    String from,
    String rejectsTable,
    String sql,
    long acceptedPastMs,
    long acceptedFutureMs,
    boolean fullRefresh,
    String statsd)
    implements DriverSpec {
  private static final long ONE_DAY_MS = 86_400_000L;
  private static final long HUNDRED_YEARS_MS = 36_525 * ONE_DAY_MS;

  /**
   * Parses the program argument.
   *
   * @throws DriverException {@code invalid-spec} with all problems found
   */
  public static TransformSpec parse(String json) {
    SpecReader spec = SpecReader.of(json);
    String runId = spec.text("runId");
    spec.choice("stage", Map.of("transform", true), null);
    SpecReader window = spec.object("acceptedWindow");
    TransformSpec parsed =
        new TransformSpec(
            runId,
            spec.text("claim", runId),
            spec.text("pipeline"),
            spec.choice("mode", Mode.WORDS, null),
            spec.text("catalog"),
            spec.table("table"),
            spec.number("commitIntervalMs", 1, 10_000),
            spec.number("maxRowsPerCommit", 1, 2_000_000),
            spec.table("from"),
            spec.table("rejectsTable"),
            spec.text("sql"),
            window.number("past", 0, HUNDRED_YEARS_MS),
            window.number("future", 0, ONE_DAY_MS),
            spec.flag("fullRefresh"),
            spec.text("statsd", null));
    spec.done();
    return parsed;
  }

  @Override
  public String stage() {
    return "transform";
  }
}
