package elt.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.junit.jupiter.api.Test;

class OutagesTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StopSignal stop = new StopSignal();
  private final Outages outages = new Outages(new Events(new PrintStream(out), "run-1"), stop, 1);

  /** As the S3 client's exceptions look from outside. */
  public static final class S3Failure extends RuntimeException {
    private final int status;

    S3Failure(int status) {
      super("status " + status);
      this.status = status;
    }

    public int statusCode() {
      return status;
    }
  }

  @Test
  void knowsWhatMayPassByItself() {
    assertTrue(Outages.isOutage(new RuntimeException(new ConnectException("Connection refused"))));
    assertTrue(Outages.isOutage(new SocketTimeoutException()));
    assertTrue(Outages.isOutage(new DisconnectException()));
    assertTrue(Outages.isOutage(new org.apache.kafka.common.errors.TimeoutException("no answer")));
    assertTrue(Outages.isOutage(new S3Failure(503)));
    assertTrue(Outages.isOutage(new CommitFailedException("lost the race")));
    assertFalse(Outages.isOutage(new S3Failure(403)));
    assertFalse(Outages.isOutage(new SaslAuthenticationException("wrong password")));
    assertFalse(Outages.isOutage(new ValidationException("fenced")));
    assertFalse(Outages.isOutage(new IllegalStateException()));
  }

  @Test
  void triesAgainAndSaysSo() {
    AtomicInteger calls = new AtomicInteger();
    String result =
        outages.retry(
            "kafka-unreachable",
            () -> {
              if (calls.incrementAndGet() < 4) {
                throw new ConnectException("Connection refused");
              }
              return "done";
            });
    assertEquals("done", result);
    assertEquals(3, out.toString().lines().count());
    assertTrue(out.toString().contains("\"code\":\"kafka-unreachable\""), out.toString());
  }

  @Test
  void otherFailuresPassAtOnce() {
    AtomicInteger calls = new AtomicInteger();
    assertThrows(
        ValidationException.class,
        () -> outages.retry(
            "lakehouse-unreachable",
            () -> {
              calls.incrementAndGet();
              throw new ValidationException("no");
            }));
    assertEquals(1, calls.get());
  }

  @Test
  void aRequestToStopEndsTheWaiting() {
    AtomicInteger calls = new AtomicInteger();
    DriverException stopped =
        assertThrows(
            DriverException.class,
            () -> outages.retry(
                "kafka-unreachable",
                () -> {
                  if (calls.incrementAndGet() == 3) {
                    stop.request();
                  }
                  throw new ConnectException("Connection refused");
                }));
    assertEquals("kafka-unreachable", stopped.code());
    assertEquals(3, calls.get());
  }

  @Test
  void anOutcomeIsAskedForEvenAfterStop() {
    stop.request();
    AtomicInteger calls = new AtomicInteger();
    assertEquals(
        "certain",
        outages.settle(
            "lakehouse-unreachable",
            () -> {
              if (calls.incrementAndGet() < 4) {
                throw new ConnectException("Connection refused");
              }
              return "certain";
            }));
  }
}
