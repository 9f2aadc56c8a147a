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

  /** As the Thrift class of the metastore, which is not on the compile path. */
  public static final class MetaException extends Exception {
    MetaException(String message) {
      super(message);
    }
  }

  @Test
  void knowsTheMetastoresFailureByItsMessage() {
    String gone =
        "Could not connect to meta store using any of the URIs provided. Most recent failure:"
            + " org.apache.thrift.transport.TTransportException: java.net.ConnectException: Connection refused";
    assertTrue(Outages.isOutage(new RuntimeException("Failed to get table info", new MetaException(gone))));
    assertFalse(Outages.isOutage(new RuntimeException(new MetaException("Table is not an Iceberg table"))));
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

  @Test
  void aLimitedOutageIsAFailure() {
    DriverException lasted =
        assertThrows(
            DriverException.class,
            () -> outages.limitedTo(50).retry(
                "lakehouse-unreachable",
                () -> {
                  throw new ConnectException("Connection refused");
                }));
    assertEquals("lakehouse-unreachable", lasted.code());
    assertTrue(lasted.getMessage().contains("Gave up after"), lasted.getMessage());
    assertFalse(out.toString().isEmpty());
  }

  @Test
  void anOutageKnowsItsOwnCode() {
    AtomicInteger calls = new AtomicInteger();
    outages.retry(
        "kafka-unreachable",
        () -> {
          if (calls.incrementAndGet() == 1) {
            throw new OutageException("lakehouse-unreachable", "S3 is down", null);
          }
          return null;
        });
    assertTrue(out.toString().contains("\"code\":\"lakehouse-unreachable\""), out.toString());
  }

  @Test
  void whatSomebodyDecidedBelowIsNotTriedAgain() {
    AtomicInteger calls = new AtomicInteger();
    assertThrows(
        DriverException.class,
        () -> outages.retry(
            "lakehouse-unreachable",
            () -> {
              calls.incrementAndGet();
              throw new DriverException("lakehouse-unreachable", "gave up", new ConnectException());
            }));
    assertEquals(1, calls.get());
  }
}
