package elt.extract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elt.LocalSpark;
import elt.driver.Mode;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** EXTRACT's driver as a process of its own, which can be killed, paused and told to stop. */
final class ExtractProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final BufferedReader events;

  ExtractProcess(KafkaForTests kafka, Mode mode, Map<String, Object> options) throws IOException {
    this(kafka, mode, options, "");
  }

  /** As above, with {@code elt.failpoints}. */
  ExtractProcess(KafkaForTests kafka, Mode mode, Map<String, Object> options, String failpoints) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.add("-Xmx1g");
    for (String name :
        List.of(
            "spark.master",
            "spark.ui.enabled",
            "spark.sql.session.timeZone",
            "spark.sql.catalogImplementation",
            "spark.sql.catalog.lakehouse",
            "spark.sql.catalog.lakehouse.type",
            "spark.sql.catalog.lakehouse.warehouse")) {
      command.add("-D" + name + "=" + LocalSpark.session().conf().get(name));
    }
    command.add("-Dspark.app.name=elt-extract-test");
    command.add("-Delt.failpoints=" + failpoints);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("elt.extract.ExtractDriver");
    command.add(ExtractRun.argument(kafka.bootstrapServers, kafka.topic, "lakehouse", mode, options));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    events = process.inputReader();
  }

  /** Reads events until one fits. */
  JsonNode await(Predicate<JsonNode> wanted) throws IOException {
    for (String line = events.readLine(); line != null; line = events.readLine()) {
      JsonNode event = JSON.readTree(line);
      if (wanted.test(event)) {
        return event;
      }
    }
    throw new AssertionError("The driver ended without the event");
  }

  JsonNode await(String name) throws IOException {
    return await(event -> event.get("event").asText().equals(name));
  }

  /** SIGKILL: no shutdown hook runs. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  void signal(String name) throws Exception {
    int exit = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    if (exit != 0) {
      throw new AssertionError("kill -" + name + " failed");
    }
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      throw new AssertionError("The driver did not end within 120 s");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
