package elt.driver;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * What a driver measures, as DogStatsD datagrams (names and labels: {@code src/commons/metrics-catalogue.ts}). Never waits for anybody
 * and never fails a run: a thread of its own sends, and what it cannot send is dropped. Rows are counted when their commit is certain.
 */
public final class Metrics implements AutoCloseable {
  /** Measures nothing. */
  public static final Metrics NONE = new Metrics(null, null);

  private static final int MOST_WAITING = 1_000;
  private static final long CLOSE_WITHIN_MS = 1_000;
  private static final byte[] END = new byte[0];

  private final String pipeline;
  private final String stage;
  private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private Thread sender;

  private Metrics(String pipeline, String stage) {
    this.pipeline = pipeline;
    this.stage = stage;
  }

  /** Metrics of a stage, sent to {@code address} ({@code host:port}); null: nowhere. */
  public static Metrics to(String address, String pipeline, String stage) {
    return to(address, pipeline, stage, InetAddress::getByName);
  }

  static Metrics to(String address, String pipeline, String stage, StatsdTarget.Resolver resolver) {
    if (address == null) {
      return NONE;
    }
    Metrics metrics = new Metrics(pipeline, stage);
    // Looking up a name may take long: it is done there, too.
    metrics.sender = new Thread(() -> metrics.send(address, resolver), "elt-metrics");
    metrics.sender.setDaemon(true);
    metrics.sender.start();
    return metrics;
  }

  /** The Spark session is up, so long after main. */
  void started(long sinceMainMs) {
    offer(seconds("elt_driver_startup_seconds", sinceMainMs));
  }

  /** A commit that is certain. */
  void commit(CommitEvent commit) {
    String table = ",table:" + commit.table();
    StringJoiner lines = new StringJoiner("\n");
    if ("transform".equals(stage)) {
      lines.add(line("elt_silver_rows_total", commit.rows(), "c", "#pipeline:" + pipeline + table));
      lines.add(line("elt_rejected_rows_total", commit.rejects(), "c", "#pipeline:" + pipeline + table));
    } else {
      lines.add(line("elt_events_processed_total", commit.rows(), "c", "#pipeline:" + pipeline + table));
    }
    lines.add(line("elt_commits_total", 1, "c", ofStage()));
    lines.add(seconds("elt_commit_duration_seconds", commit.commitMs()));
    long rows = commit.rows() + commit.rejects();
    if (rows > 0) {
      lines.add(seconds("elt_batch_duration_seconds", commit.writeMs()));
      lines.add(line("elt_batch_rows", rows, "d", ofStage()));
      lines.add(line("elt_batch_bytes", commit.bytes(), "d", ofStage()));
    }
    offer(lines.toString());
  }

  /** Waits, not for long, until what was measured is sent. */
  @Override
  public void close() {
    if (sender == null) {
      return;
    }
    waiting.offer(END);
    try {
      sender.join(CLOSE_WITHIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void offer(String datagram) {
    if (sender != null) {
      waiting.offer(datagram.getBytes(StandardCharsets.UTF_8));
    }
  }

  private String ofStage() {
    return "#pipeline:" + pipeline + ",stage:" + stage;
  }

  private String seconds(String name, long ms) {
    return String.format(Locale.ROOT, "%s:%d.%03d|d|%s", name, ms / 1000, ms % 1000, ofStage());
  }

  private static String line(String name, long value, String kind, String labels) {
    return name + ":" + value + "|" + kind + "|" + labels;
  }

  private void send(String address, StatsdTarget.Resolver resolver) {
    try (DatagramSocket socket = new DatagramSocket()) {
      StatsdTarget target = new StatsdTarget(address, resolver, () -> System.nanoTime() / 1_000_000);
      for (byte[] datagram = waiting.take(); datagram != END; datagram = waiting.take()) {
        InetSocketAddress known = target.address();
        if (known != null) {
          sendOne(socket, known, datagram);
        }
      }
    } catch (IOException | RuntimeException e) {
      System.err.println("Metrics cannot be sent to " + address + ": " + e + ". The run goes on without them.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void sendOne(DatagramSocket socket, InetSocketAddress target, byte[] datagram) {
    try {
      socket.send(new DatagramPacket(datagram, datagram.length, target));
    } catch (IOException | RuntimeException dropped) {
      // Nobody listens: the next one may get through.
    }
  }
}
