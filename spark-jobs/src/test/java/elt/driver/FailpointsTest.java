package elt.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailpointsTest {
  @Test
  void theSecondTimeOnly() {
    Failpoints failpoints = Failpoints.parse("files-written=error@2, commit-sent=delay:1");
    failpoints.at(Failpoint.FILES_WRITTEN);
    failpoints.at(Failpoint.COMMIT_DONE);
    assertTrue(Outages.isOutage(assertThrows(UncheckedIOException.class, () -> failpoints.at(Failpoint.FILES_WRITTEN))));
    failpoints.at(Failpoint.FILES_WRITTEN);
  }

  @Test
  void eachTimeWithoutANumberAndTheCallIsMadeAllTheSame() {
    Failpoints failpoints = Failpoints.parse("commit-sent=error");
    int[] calls = {0};
    for (int i = 0; i < 2; i++) {
      assertThrows(
          UncheckedIOException.class, () -> failpoints.during(Failpoint.COMMIT_SENT, "nowhere", () -> calls[0]++));
    }
    assertEquals(2, calls[0]);
  }

  @Test
  void nothingHappensWithoutTheProperty() {
    for (Failpoint point : Failpoint.values()) {
      Failpoints.reach(point);
      Failpoints.parse(null).at(point);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"files-written", "files-writen=kill", "commit-done=delay", "commit-done=kill@0", "claim-done=exit"})
  void whatIsNotUnderstoodIsNamed(String text) {
    DriverException refused = assertThrows(DriverException.class, () -> Failpoints.parse(text));
    assertEquals("invalid-failpoints", refused.code());
    assertTrue(refused.getMessage().contains('"' + text + '"') && refused.getMessage().contains("claim-done"));
  }

  /** A kill inside a call comes while the call goes on, and no shutdown hook runs. */
  @ParameterizedTest
  @ValueSource(strings = {"inside", "at"})
  void killIsSigkill(String where) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Delt.failpoints=commit-sent=kill@2,claim-done=kill",
                Victim.class.getName(),
                where)
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(128 + 9, process.exitValue());
    assertEquals(where.equals("inside") ? "first\nsecond\n" : "", new String(process.getInputStream().readAllBytes()));
  }

  /** What is killed. */
  public static final class Victim {
    private Victim() {}

    public static void main(String[] args) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
      if (args[0].equals("at")) {
        Failpoints.reach(Failpoint.CLAIM_DONE);
      }
      Failpoints.within(Failpoint.COMMIT_SENT, "waits", () -> System.out.println("first"));
      Failpoints.within(Failpoint.COMMIT_SENT, "waits", Victim::waits);
      System.out.println("after");
    }

    private static void waits() {
      System.out.println("second");
      new StopSignal().await(60_000);
    }
  }
}
