package elt.extract;

import elt.driver.Abandonment;
import elt.driver.CommitEvent;
import elt.driver.DriverException;
import elt.driver.Events;
import elt.driver.ExtractSpec;
import elt.driver.Failpoint;
import elt.driver.Failpoints;
import elt.driver.OutageException;
import elt.driver.Mode;
import elt.driver.StopSignal;
import elt.ledger.Batch;
import elt.ledger.CommitOutcome;
import elt.ledger.LedgerEntry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.spark.api.java.JavaSparkContext;

/** One step of EXTRACT: look, plan, read, look again, commit. Safe to repeat after an {@link OutageException}. */
final class ExtractStep implements AutoCloseable {
  /** A surprise that may be a broker's start or a change of leaders is believed after so long. */
  private static final long CONFIRM_MS = 5_000;

  /** What the step says about the next one. */
  enum Next {
    /** There is more to do now. */
    AT_ONCE,
    /** Committed all there was. */
    COMMITTED_ALL,
    /** There was nothing to read. */
    CAUGHT_UP,
    /** Stop was asked for; the batch in hand was given up, its files are gone. */
    ABANDONED,
    /** Another run owns the table. */
    FENCED
  }

  private final ExtractSpec spec;
  private final Events events;
  private final StopSignal stop;
  private final Abandonment abandonment;
  private final KafkaTopic topic;
  private final RawLedger raw;
  private final JavaSparkContext spark;
  private PlanRules rules;
  private BatchSize size;
  private final ReadAhead ahead = new ReadAhead();
  private BatchReader reader;
  private Map<Integer, Long> until;
  private long lastCommitMs;
  private long lastReadEndNanos = System.nanoTime();
  private boolean isSizeKnown;
  private long doubtfulSinceNanos;

  ExtractStep(
      ExtractSpec spec, Events events, StopSignal stop, KafkaTopic topic, RawLedger raw, JavaSparkContext spark) {
    this.spec = spec;
    this.events = events;
    this.stop = stop;
    this.abandonment = new Abandonment(stop);
    this.topic = topic;
    this.raw = raw;
    this.spark = spark;
    this.rules = PlanRules.of(spec);
    this.size = BatchSize.first(spec.maxRowsPerCommit());
  }

  Next run() throws InterruptedException {
    Optional<TopicFacts> facts = KafkaFailures.ask(spec.bootstrapServers(), topic::facts);
    if (until == null && facts.isPresent() && spec.mode() == Mode.DRAIN) {
      until = facts.get().ends();
    }
    ExtractPlan plan = ExtractPlanner.next(rules, raw.position(), facts, until, size.rows());
    if (plan instanceof ExtractPlan.Stop halt) {
      return confirm(halt);
    }
    doubtfulSinceNanos = 0;
    if (plan instanceof ExtractPlan.Move move) {
      return move(move);
    }
    // What was accepted is done; a loss that happens later was not accepted.
    rules = rules.acceptingNothing();
    if (plan instanceof ExtractPlan.CaughtUp caughtUp) {
      if (spec.mode() == Mode.FOLLOW) {
        events.idle(caughtUp.lag());
      }
      return Next.CAUGHT_UP;
    }
    return read((ExtractPlan.Read) plan, facts.orElseThrow());
  }

  /** Throws away what was read ahead; nothing can be committed afterwards. */
  @Override
  public void close() {
    ahead.drop();
  }

  private Next confirm(ExtractPlan.Stop halt) {
    if (doubtfulSinceNanos == 0) {
      doubtfulSinceNanos = System.nanoTime();
    }
    if (halt.mayPass() && System.nanoTime() - doubtfulSinceNanos < CONFIRM_MS * 1_000_000) {
      stop.await(500);
      return Next.AT_ONCE;
    }
    throw new DriverException(halt.code(), halt.message());
  }

  private Next move(ExtractPlan.Move move) {
    if (isPlanStale()) {
      return Next.AT_ONCE;
    }
    Batch batch =
        new Batch(Batch.newCommitId(), List.of(), move.to(), raw.nextClock(), 0, Map.of(), move.notes());
    return commit(batch, move.lag(), 0) == Next.FENCED ? Next.FENCED : Next.AT_ONCE;
  }

  private Next read(ExtractPlan.Read planned, TopicFacts facts) throws InterruptedException {
    if (isPlanStale()) {
      ahead.drop();
      return Next.AT_ONCE;
    }
    if (reader == null) {
      reader = new BatchReader(spark, spec, kafka(spec), raw.table());
    }
    BatchReader.Reading reading = ahead.takeFor(planned, raw.entry());
    if (reading == null) {
      reading = reader.start(planned, Batch.newCommitId(), raw.nextClock(), size);
    }
    // The topic may have grown since the batch was planned ahead.
    long lag = planned.lag() + planned.length() - reading.plan().length();
    if (isSizeKnown && lag >= size.rows()) {
      // Its tasks wait for cores: none is idle while the last task of this batch ends.
      readAhead(reading, facts);
    }
    BatchReader.Result result = reading.await(abandonment::isDue);
    if (result == null) {
      return Next.ABANDONED;
    }
    ExtractPlan.Read plan = reading.plan();
    if (!isStill(plan, result)) {
      // The next plan says precisely what has become of the topic.
      BatchFiles.delete(raw.table(), result.files());
      return Next.AT_ONCE;
    }
    Failpoints.reach(Failpoint.FILES_WRITTEN);
    long readMs = reading.tookMs(lastReadEndNanos);
    lastReadEndNanos = reading.endNanos();
    BatchSize before = size;
    size =
        size.after(
            result.rows(), result.bytes(), readMs + lastCommitMs, spec.commitIntervalMs(), spec.maxRowsPerCommit());
    isSizeKnown = size.rows() == before.rows();
    if (lag > 0) {
      readAhead(reading, facts);
    }
    Batch batch =
        new Batch(
            result.batchId(), result.files(), plan.end(), reading.ingestedAt(), result.rows(), gaps(result), Map.of());
    Next next = commit(batch, lag, readMs);
    return next == Next.COMMITTED_ALL && lag > 0 ? Next.AT_ONCE : next;
  }

  /** Starts to read the batch after the one in hand, unless that goes on already. */
  private void readAhead(BatchReader.Reading inHand, TopicFacts facts) {
    if (!ahead.isReading() && !stop.isRequested()) {
      ahead.start(reader, rules, inHand, facts, until, size);
    }
  }

  /** Claims the table, if need be; true when somebody else moved it since the plan was made. */
  private boolean isPlanStale() {
    var planned = raw.position();
    if (!raw.claim()) {
      return false;
    }
    LedgerEntry entry = raw.entry();
    Failpoints.reach(Failpoint.CLAIM_DONE);
    events.claimed(spec.table(), entry.snapshotId(), entry.position());
    return !entry.position().equals(planned);
  }

  /** Whether the topic is still the one that the batch was planned for, and the batch all of it. */
  private boolean isStill(ExtractPlan.Read plan, BatchReader.Result result) {
    boolean isChecked = false;
    try {
      forbidGaps(result);
      Optional<String> now = KafkaFailures.ask(spec.bootstrapServers(), topic::topicId);
      isChecked = true;
      return now.equals(Optional.of(plan.topicId()));
    } finally {
      if (!isChecked) {
        BatchFiles.delete(raw.table(), result.files());
      }
    }
  }

  private void forbidGaps(BatchReader.Result result) {
    if (!result.gaps().isEmpty() && !spec.allowsGaps()) {
      throw new DriverException(
          "offset-gap",
          ("Topic \"%s\" has offsets without a record: %s; the first of them: %s. Nothing of this batch was kept."
                  + " Compacted and transactional topics have such gaps: if this is one, set gaps: allow for the"
                  + " pipeline \"%s\" in elt.yaml; if not, records are missing in Kafka")
              .formatted(spec.topic(), counts(result.gaps()), result.firstGap().describe(), spec.pipeline()));
    }
  }

  private Next commit(Batch batch, long lag, long readMs) {
    long startedNanos = System.nanoTime();
    CommitOutcome outcome = raw.commit(batch);
    lastCommitMs = (System.nanoTime() - startedNanos) / 1_000_000;
    if (outcome instanceof CommitOutcome.Fenced fenced) {
      if (fenced.mayDeleteFiles()) {
        BatchFiles.delete(raw.table(), batch.files());
      }
      return Next.FENCED;
    }
    if (!(outcome instanceof CommitOutcome.Committed committed)) {
      return Next.AT_ONCE;
    }
    LedgerEntry entry = committed.entry();
    Failpoints.reach(Failpoint.COMMIT_DONE);
    events.commit(
        new CommitEvent(
            spec.table(),
            entry.commitId(),
            entry.snapshotId(),
            entry.rows(),
            0,
            entry.start(),
            entry.position(),
            entry.startIngestedAt(),
            entry.ingestedAt(),
            lag,
            readMs,
            lastCommitMs,
            batch.files().stream().mapToLong(DataFile::fileSizeInBytes).sum()));
    return Next.COMMITTED_ALL;
  }

  static KafkaSettings kafka(ExtractSpec spec) {
    return new KafkaSettings(spec.bootstrapServers(), spec.kafkaProperties());
  }

  private static Map<String, Long> gaps(BatchReader.Result result) {
    Map<String, Long> gaps = new TreeMap<>();
    result.gaps().forEach((partition, count) -> gaps.put(String.valueOf(partition), count));
    return gaps;
  }

  private static String counts(Map<Integer, Long> gaps) {
    return gaps.entrySet().stream()
        .map(gap -> "%d in partition %d".formatted(gap.getValue(), gap.getKey()))
        .collect(Collectors.joining(", "));
  }
}
