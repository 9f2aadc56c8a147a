package elt.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real processes: exit codes, stdout and signals cannot be seen from inside. */
class DriverMainTest {
  private static Process start(String argument) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"),
            DriverProcess.class.getName(), argument)
        .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
        .start();
  }

  private static String spec(String pipeline) {
    return """
        {"runId":"run-1","pipeline":"%s","catalog":"lakehouse","table":"raw.n","coordinate":"kafka"}"""
        .formatted(pipeline);
  }

  private static BufferedReader stdout(Process process) {
    return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** All events of a process that has ended; fails when stdout holds anything else. */
  private static List<JsonNode> events(BufferedReader stdout) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (String line = stdout.readLine(); line != null; line = stdout.readLine()) {
      events.add(new ObjectMapper().readTree(line));
    }
    return events;
  }

  @ParameterizedTest
  @CsvSource({
    "succeed, 0, succeeded,",
    "fenced, 7, fenced, fenced",
    "code, 1, failed, topic-missing",
    "bug, 1, failed, internal",
    "memory, 1, failed, internal",
    "race, 1, failed, lakehouse-unreachable"
  })
  void theEndSaysHowItEnded(String pipeline, int exitCode, String state, String code) throws Exception {
    Process process = start(spec(pipeline));
    List<JsonNode> events = events(stdout(process));
    assertEquals(exitCode, process.waitFor());
    JsonNode end = events.get(events.size() - 1);
    assertEquals("started", events.get(0).get("event").asText());
    assertEquals("end", end.get("event").asText());
    assertEquals(state, end.get("state").asText());
    assertEquals(code, end.at("/error/code").textValue());
  }

  @Test
  void anInvalidArgumentIsReportedAsAnEndToo() throws Exception {
    Process process = start("{}");
    List<JsonNode> events = events(stdout(process));
    assertEquals(1, process.waitFor());
    assertEquals("invalid-spec", events.get(0).at("/error/code").asText());
    assertTrue(events.get(0).get("runId").isNull());
  }

  @ParameterizedTest
  @CsvSource({"TERM", "INT"})
  void aSignalEndsTheRunInItsOwnTime(String signal) throws Exception {
    Process process = start(spec("wait"));
    BufferedReader stdout = stdout(process);
    assertTrue(stdout.readLine().contains("\"started\""));
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "still running");
    assertEquals(0, process.exitValue());
    assertEquals("stopped", events(stdout).get(0).get("state").asText());
  }
}
