package elt.driver;

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
    boolean fullRefresh)
    implements DriverSpec {

  /**
   * Parses the program argument.
   *
   * @throws DriverException {@code invalid-spec} with all problems found
   */
  public static TransformSpec parse(String json) {
    throw new UnsupportedOperationException("next commit");
  }

  @Override
  public String stage() {
    return "transform";
  }
}
