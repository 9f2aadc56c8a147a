package elt.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.io.PositionOutputStream;

/**
 * A yardstick of EXTRACT with large records: how fast this machine puts bytes that cannot be compressed into the same S3, with the
 * same client. Arguments: endpoint, region, folder, bytes of each file, files, threads, passes. The first pass warms up and is not
 * printed. Keys come from the environment.
 */
public final class ObjectPuts {
  private ObjectPuts() {}

  public static void main(String[] args) throws Exception {
    String folder = args[2];
    long fileBytes = Long.parseLong(args[3]);
    int files = Integer.parseInt(args[4]);
    ExecutorService pool = Executors.newFixedThreadPool(Integer.parseInt(args[5]));
    int passes = Integer.parseInt(args[6]);
    try (S3FileIO io = new S3FileIO()) {
      io.initialize(Map.of("s3.endpoint", args[0], "client.region", args[1], "s3.path-style-access", "true"));
      for (int pass = 0; pass <= passes; pass++) {
        long startedAt = System.nanoTime();
        List<Future<?>> puts = new ArrayList<>();
        for (int file = 0; file < files; file++) {
          String path = folder + "/" + pass + "-" + file;
          puts.add(pool.submit(() -> put(io, path, fileBytes)));
        }
        for (Future<?> put : puts) {
          put.get();
        }
        double seconds = (System.nanoTime() - startedAt) / 1e9;
        if (pass > 0) {
          System.out.printf("{\"bytesPerSecond\":%.0f}%n", fileBytes * files / seconds);
        }
        for (int file = 0; file < files; file++) {
          io.deleteFile(folder + "/" + pass + "-" + file);
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static Void put(S3FileIO io, String path, long bytes) throws IOException {
    byte[] block = new byte[1 << 20];
    new Random(bytes).nextBytes(block);
    try (PositionOutputStream out = io.newOutputFile(path).createOrOverwrite()) {
      for (long written = 0; written < bytes; written += block.length) {
        out.write(block, 0, (int) Math.min(block.length, bytes - written));
      }
    }
    return null;
  }
}
