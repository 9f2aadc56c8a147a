package elt.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.ledger.Position;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MetricsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private DatagramSocket socket;

  @BeforeEach
  void listen() throws IOException {
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    socket.setSoTimeout(5_000);
  }

  @AfterEach
  void stop() {
    socket.close();
  }

  private String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  private List<String> received() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
    socket.receive(packet);
    return List.of(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8).split("\n"));
  }

  private Events events(Metrics metrics) {
    return new Events(new PrintStream(out, true, StandardCharsets.UTF_8), "run-1", metrics);
  }

  private static CommitEvent commit(long rows, long rejects) {
    return new CommitEvent(
        "raw.n", "c", 1, rows, rejects, Position.EMPTY, Position.EMPTY, null, 1L, 5, 1_007, 80, 4_096);
  }

  @Test
  void aCommitOfExtractIsOneDatagramWithExactCounts() throws IOException {
    try (Metrics metrics = Metrics.to(address(), "numbers", "extract")) {
      events(metrics).commit(commit(9_007_199_254_740_993L, 0));
      assertEquals(
          List.of(
              "elt_events_processed_total:9007199254740993|c|#pipeline:numbers,table:raw.n",
              "elt_commits_total:1|c|#pipeline:numbers,stage:extract",
              "elt_commit_duration_seconds:0.080|d|#pipeline:numbers,stage:extract",
              "elt_batch_duration_seconds:1.007|d|#pipeline:numbers,stage:extract",
              "elt_batch_rows:9007199254740993|d|#pipeline:numbers,stage:extract",
              "elt_batch_bytes:4096|d|#pipeline:numbers,stage:extract"),
          received());
    }
  }

  @Test
  void transformTellsSilverRowsFromRejectedOnes() throws IOException {
    try (Metrics metrics = Metrics.to(address(), "numbers", "transform")) {
      events(metrics).commit(commit(10, 2));
      List<String> lines = received();
      assertTrue(lines.contains("elt_silver_rows_total:10|c|#pipeline:numbers,table:raw.n"), lines.toString());
      assertTrue(lines.contains("elt_rejected_rows_total:2|c|#pipeline:numbers,table:raw.n"), lines.toString());
      assertTrue(lines.contains("elt_batch_rows:12|d|#pipeline:numbers,stage:transform"), lines.toString());
    }
  }

  @Test
  void aCommitWithoutRowsIsNoBatch() throws IOException {
    try (Metrics metrics = Metrics.to(address(), "numbers", "extract")) {
      events(metrics).commit(commit(0, 0));
      assertEquals(3, received().size());
    }
  }

  @Test
  void onlyCommitsCountRows() throws IOException {
    Metrics metrics = Metrics.to(address(), "numbers", "extract");
    Events events = events(metrics);
    events.claimed("raw.n", 1, Position.EMPTY);
    events.idle(5);
    events.waiting("kafka-unreachable", "x");
    events.end(RunState.FAILED, new DriverException("offset-gap", "x"));
    metrics.close();
    socket.setSoTimeout(300);
    assertThrows(SocketTimeoutException.class, this::received);
  }

  @Test
  @Timeout(20)
  void aNameThatBecomesKnownLaterIsSentTo() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    StatsdTarget.Resolver later =
        host -> {
          if (asked.incrementAndGet() == 1) {
            throw new UnknownHostException(host);
          }
          return InetAddress.getLoopbackAddress();
        };
    socket.setSoTimeout(50);
    try (Metrics metrics = Metrics.to("statsd:" + socket.getLocalPort(), "numbers", "extract", later)) {
      List<String> lines = null;
      while (lines == null) {
        metrics.started(1_234);
        lines = receivedNow();
      }
      assertEquals(List.of("elt_driver_startup_seconds:1.234|d|#pipeline:numbers,stage:extract"), lines);
      assertEquals(2, asked.get());
    }
  }

  /** Null: nothing has come. */
  private List<String> receivedNow() throws IOException {
    try {
      return received();
    } catch (SocketTimeoutException nothing) {
      return null;
    }
  }

  @Test
  void whatWasMeasuredLastIsSentBeforeTheEnd() throws IOException {
    Metrics metrics = Metrics.to(address(), "numbers", "extract");
    for (int i = 0; i < 100; i++) {
      events(metrics).started("extract", 1_234);
    }
    metrics.close();
    for (int i = 0; i < 100; i++) {
      assertEquals(List.of("elt_driver_startup_seconds:1.234|d|#pipeline:numbers,stage:extract"), received());
    }
  }

  @Test
  @Timeout(20)
  void nobodyThereOrNoSuchHostNeitherSlowsNorFailsARun() {
    int port = socket.getLocalPort();
    socket.close();
    for (String address : List.of("127.0.0.1:" + port, "no-such-host.invalid:8125", "nonsense", "[::1]:99999")) {
      Metrics metrics = Metrics.to(address, "numbers", "extract");
      long startedNanos = System.nanoTime();
      Events events = events(metrics);
      for (int i = 0; i < 5_000; i++) {
        events.commit(commit(1, 0));
      }
      metrics.close();
      long tookMs = (System.nanoTime() - startedNanos) / 1_000_000;
      assertTrue(tookMs < 4_000, address + " took " + tookMs + " ms");
    }
    assertEquals(20_000, out.toString(StandardCharsets.UTF_8).lines().count());
  }
}
