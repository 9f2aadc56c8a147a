package elt.extract;

/**
 * How large the next batch may be, learned from the last one, so that a batch takes about one commit
 * interval whatever the records are: two million rows of six bytes are a second's work, of a megabyte
 * an hour's. Starts small (the first commit comes early), then grows as far as the last one's time allows. Immutable.
 *
 * @param rows most rows of the next batch
 * @param bytesPerRow of the last batch: key, value and headers
 */
record BatchSize(long rows, long bytesPerRow) {
  private static final long FIRST_ROWS = 100_000;
  private static final long FIRST_BYTES_PER_ROW = 1_000;

  /** A first batch is mostly start-up: it says too little for more. */
  private static final double MAX_GROWTH = 16;

  /** How much of the commit interval a batch is meant to take. */
  private static final double AIM = 0.8;

  /** Below this a batch takes the time that any batch takes (a Spark job, a commit): smaller is not faster. */
  private static final long BATCH_MIN_BYTES = 16L << 20;

  /** Below this a task is not worth its file and its fetch. */
  private static final long TASK_MIN_BYTES = 8L << 20;

  /** About what Iceberg aims at for a data file. */
  private static final long TASK_MAX_BYTES = 512L << 20;

  /** What a row weighs beside its bytes: offset, timestamps, the work itself. */
  private static final long ROW_OVERHEAD_BYTES = 64;

  static BatchSize first(long maxRows) {
    return new BatchSize(Math.min(FIRST_ROWS, maxRows), FIRST_BYTES_PER_ROW);
  }

  /** The size after a batch of {@code readRows} rows that took {@code tookMs} from read to commit. */
  BatchSize after(
      long readRows, long readBytes, long tookMs, long commitIntervalMs, long maxRows) {
    if (readRows == 0) {
      return this;
    }
    long bytes = readBytes / readRows;
    double fitting = AIM * commitIntervalMs / Math.max(1, tookMs);
    long wanted = rows;
    if (tookMs > commitIntervalMs) {
      wanted = Math.min(rows, Math.max((long) (readRows * fitting), BATCH_MIN_BYTES / (bytes + ROW_OVERHEAD_BYTES)));
    } else if (tookMs < commitIntervalMs / 2 && readRows >= rows / 2) {
      // A batch that was nowhere near full says little about a full one.
      wanted = Math.max(rows, (long) (readRows * Math.min(MAX_GROWTH, fitting)));
    }
    return new BatchSize(Math.max(1, Math.min(maxRows, wanted)), bytes);
  }

  /** Number of tasks for a batch: one per core, fewer when it is small, more when files get large. */
  int tasks(long batchRows, int cores) {
    long bytes = batchRows * (bytesPerRow + ROW_OVERHEAD_BYTES);
    long large = (bytes + TASK_MAX_BYTES - 1) / TASK_MAX_BYTES;
    // Whole waves: five tasks on four cores would take as long as eight.
    long waves = Math.max(1, (large + cores - 1) / cores);
    long worthIt = Math.max(1, bytes / TASK_MIN_BYTES);
    return (int) Math.min(waves * cores, worthIt);
  }
}
