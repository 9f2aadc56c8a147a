package elt.driver;

import java.util.Map;

/**
 * What EXTRACT is asked to do.
 *
 * @param table RAW
 * @param startsFromLatest read a topic without position from its end rather than from its beginning
 * @param allowsGaps offsets without records (compacted or transactional topics) are no error
 * @param acceptsNewTopic go on when the topic was deleted and created again
 * @param acceptsLoss go on when retention has removed records that were not read
 * @param statsd where metrics go, {@code host:port}; null for nowhere
 * @param kafkaProperties extra properties of consumer and admin client; secrets never come this way
 */
public record ExtractSpec(
    String runId,
    String claim,
    String pipeline,
    Mode mode,
    String catalog,
    String table,
    long commitIntervalMs,
    long maxRowsPerCommit,
    String bootstrapServers,
    String topic,
    Map<String, String> kafkaProperties,
    boolean startsFromLatest,
    boolean allowsGaps,
    boolean acceptsNewTopic,
    boolean acceptsLoss,
    String statsd)
    implements DriverSpec {

  /**
   * Parses the program argument.
   *
   * @throws DriverException {@code invalid-spec} with all problems found
   */
  public static ExtractSpec parse(String json) {
    SpecReader spec = SpecReader.of(json);
    String runId = spec.text("runId");
    spec.choice("stage", Map.of("extract", true), null);
    SpecReader kafka = spec.object("kafka");
    ExtractSpec parsed =
        new ExtractSpec(
            runId,
            spec.text("claim", runId),
            spec.text("pipeline"),
            spec.choice("mode", Mode.WORDS, null),
            spec.text("catalog"),
            spec.table("table"),
            spec.number("commitIntervalMs", 1, 10_000),
            spec.number("maxRowsPerCommit", 1, 10_000_000),
            kafka.text("bootstrapServers"),
            kafka.text("topic"),
            kafka.texts("properties"),
            spec.choice("startFrom", Map.of("earliest", false, "latest", true), false),
            spec.choice("gaps", Map.of("forbid", false, "allow", true), false),
            spec.flag("acceptNewTopic"),
            spec.flag("acceptLoss"),
            spec.text("statsd", null));
    spec.done();
    return parsed;
  }

  @Override
  public String stage() {
    return "extract";
  }
}
