package elt.extract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elt.LocalSpark;
import elt.driver.DriverContext;
import elt.driver.Events;
import elt.driver.ExtractSpec;
import elt.driver.Mode;
import elt.driver.Outages;
import elt.driver.RunState;
import elt.driver.StopSignal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.spark.Spark3Util;

/** One run of EXTRACT in this JVM: the driver's own code, with the tests' Spark session. */
final class ExtractRun {
  static final Catalog CATALOG = Spark3Util.loadIcebergCatalog(LocalSpark.session(), "lakehouse");
  private static final ObjectMapper JSON = new ObjectMapper();

  final ExtractSpec spec;
  final StopSignal stop = new StopSignal();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final long drainPatienceMs;

  private ExtractRun(ExtractSpec spec, long drainPatienceMs) {
    this.spec = spec;
    this.drainPatienceMs = drainPatienceMs;
  }

  /** A run of {@code kafka}'s topic into a RAW table of the same name; {@code options}: keys of the program argument. */
  static ExtractRun of(KafkaForTests kafka, Mode mode, Map<String, Object> options) {
    return of(kafka.bootstrapServers, kafka.topic, mode, options, 10_000);
  }

  static ExtractRun of(
      String bootstrapServers, String topic, Mode mode, Map<String, Object> options, long drainPatienceMs) {
    return new ExtractRun(
        ExtractSpec.parse(argument(bootstrapServers, topic, "lakehouse", mode, options)), drainPatienceMs);
  }

  /** The driver's program argument. */
  static String argument(
      String bootstrapServers, String topic, String catalog, Mode mode, Map<String, Object> options) {
    Map<String, Object> json = new java.util.HashMap<>();
    json.put("runId", UUID.randomUUID().toString());
    json.put("pipeline", "p");
    json.put("stage", "extract");
    json.put("mode", mode.name().toLowerCase(java.util.Locale.ROOT));
    json.put("catalog", catalog);
    json.put("table", "raw." + topic);
    json.put("commitIntervalMs", 200);
    json.put("maxRowsPerCommit", 2_000_000);
    json.put("kafka", Map.of("bootstrapServers", bootstrapServers, "topic", topic));
    json.put("startFrom", "earliest");
    json.put("gaps", "forbid");
    json.putAll(options);
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs to the end; throws what ends a run as failed. */
  RunState run() throws Exception {
    Events events = new Events(new PrintStream(out, true, StandardCharsets.UTF_8), spec.runId());
    DriverContext<ExtractSpec> context =
        new DriverContext<>(spec, events, stop, new Outages(events, stop), System.nanoTime());
    try (KafkaTopic topic = ExtractDriver.open(spec)) {
      return ExtractDriver.extract(context, LocalSpark.session(), CATALOG, topic, drainPatienceMs);
    }
  }

  CompletableFuture<RunState> start() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return run();
          } catch (Exception e) {
            throw new java.util.concurrent.CompletionException(e);
          }
        });
  }

  List<JsonNode> events() {
    return out.toString(StandardCharsets.UTF_8).lines().map(ExtractRun::parse).toList();
  }

  List<JsonNode> events(String name) {
    return events().stream().filter(event -> event.get("event").asText().equals(name)).toList();
  }

  /** Waits until an event has come. */
  void await(Predicate<JsonNode> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (events().stream().noneMatch(wanted)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("Waited 60 s, got only " + events());
      }
      Thread.sleep(20);
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
