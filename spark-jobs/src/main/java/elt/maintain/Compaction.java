package elt.maintain;

import elt.driver.MaintainSpec.Role;
import elt.driver.StopSignal;
import elt.ledger.Ledger;
import elt.ledger.LedgerEntry;
import elt.ledger.LedgerKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.Table;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;
import org.apache.iceberg.actions.RewriteDataFiles;
import org.apache.iceberg.actions.RewriteFileGroup;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.actions.SparkActions;
import org.apache.spark.sql.SparkSession;

/**
 * Many small files of a partition become few: hours of RAW that are over, days of SILVER and rejects that are. The rows stay as
 * they are, and the commits carry no position: no run is fenced or disturbed by them.
 */
final class Compaction {
  private static final int PARTITIONS_AT_A_TIME = 16;
  private static final long BYTES_AT_A_TIME = 2L << 30;
  private static final int SHOWN = 20;

  private final Upkeep upkeep;
  private final SparkSession spark;

  Compaction(Upkeep upkeep, SparkSession spark) {
    this.upkeep = upkeep;
    this.spark = spark;
  }

  /** A partition that gains. {@code ordinal}: hours or days since 1970. */
  private record Gain(int ordinal, int files, long bytes, int filesAfter) {
    Gain and(Gain other) {
      return new Gain(ordinal, files + other.files, bytes + other.bytes, filesAfter + other.filesAfter);
    }
  }

  void run(StopSignal stop) {
    upkeep.table().refresh();
    Optional<Unit> unit = Unit.of(upkeep.table());
    if (unit.isEmpty()) {
      upkeep.leftOut("compact", "no compaction: expected a table partitioned by hour or day, is " + upkeep.table().spec());
      return;
    }
    Optional<Long> end = closedBefore();
    if (end.isEmpty() || upkeep.table().currentSnapshot() == null) {
      return;
    }
    List<Gain> gains = gains(unit.get(), end.get() / unit.get().micros() * unit.get().micros());
    List<Gain> done = upkeep.isPlanOnly() ? gains : compact(unit.get(), gains, stop);
    tell(unit.get(), done);
  }

  /** Rows up to this time may still come. */
  private Optional<Long> closedBefore() {
    long now = System.currentTimeMillis() * 1000;
    if (upkeep.target().role() != Role.RAW) {
      return Optional.of(now);
    }
    return Ledger.of(upkeep.table()).newest().map(LedgerEntry::ingestedAt).map(clock -> Math.min(clock, now));
  }

  private List<Gain> gains(Unit unit, long endMicros) {
    BinPackRewriteFilePlanner planner =
        new BinPackRewriteFilePlanner(upkeep.table(), Expressions.lessThan(unit.column(), endMicros));
    planner.init(options());
    Map<Integer, Gain> gains = new TreeMap<>();
    try (CloseableIterable<RewriteFileGroup> groups = planner.plan().groups()) {
      for (RewriteFileGroup group : groups) {
        Integer ordinal = group.info().partition().get(0, Integer.class);
        boolean isGain =
            group.inputFileNum() >= upkeep.spec().minFilesToCompact()
                && group.expectedOutputFiles() < group.inputFileNum();
        if (ordinal != null && isGain) {
          Gain gain =
              new Gain(ordinal, group.inputFileNum(), group.inputFilesSizeInBytes(), group.expectedOutputFiles());
          gains.merge(ordinal, gain, Gain::and);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(gains.values());
  }

  private Map<String, String> options() {
    return Map.of(
        RewriteDataFiles.TARGET_FILE_SIZE_BYTES, Long.toString(upkeep.spec().targetFileSizeBytes()),
        BinPackRewriteFilePlanner.MIN_INPUT_FILES, Integer.toString(upkeep.spec().minFilesToCompact()));
  }

  /** Some partitions a commit: whatever ends it early, what was committed stays. */
  private List<Gain> compact(Unit unit, List<Gain> gains, StopSignal stop) {
    List<Gain> done = new ArrayList<>();
    for (List<Gain> some : portions(gains)) {
      if (stop.isRequested()) {
        break;
      }
      try {
        RewriteDataFiles.Result result =
            SparkActions.get(spark)
                .rewriteDataFiles(upkeep.table())
                .filter(some.stream().map(gain -> unit.range(gain.ordinal())).reduce(Expressions::or).orElseThrow())
                .options(options())
                .option(RewriteDataFiles.MAX_CONCURRENT_FILE_GROUP_REWRITES, "2")
                .snapshotProperty(LedgerKeys.MAINTAINED_BY, upkeep.spec().runId())
                .binPack()
                .execute();
        if (result.rewrittenDataFilesCount() > 0) {
          done.addAll(some);
        }
      } catch (ValidationException changedMeanwhile) {
        upkeep.leftOut(
            "compact",
            "%s left as they are: somebody else changed them meanwhile (%s)"
                .formatted(Upkeep.count(some.size(), "partition"), changedMeanwhile.getMessage()));
      }
    }
    return done;
  }

  private static List<List<Gain>> portions(List<Gain> gains) {
    List<List<Gain>> portions = new ArrayList<>();
    long bytes = Long.MAX_VALUE;
    for (Gain gain : gains) {
      if (bytes > BYTES_AT_A_TIME - gain.bytes() || portions.get(portions.size() - 1).size() >= PARTITIONS_AT_A_TIME) {
        portions.add(new ArrayList<>());
        bytes = 0;
      }
      portions.get(portions.size() - 1).add(gain);
      bytes += gain.bytes();
    }
    return portions;
  }

  private void tell(Unit unit, List<Gain> gains) {
    long files = gains.stream().mapToLong(Gain::files).sum();
    long after = gains.stream().mapToLong(Gain::filesAfter).sum();
    long bytes = gains.stream().mapToLong(Gain::bytes).sum();
    List<Map<String, Object>> partitions = gains.stream().limit(SHOWN).map(gain -> facts(unit, gain)).toList();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("files", files);
    facts.put("bytes", bytes);
    facts.put("filesAfter", after);
    facts.put("partitions", gains.size());
    facts.put("partitionsShown", partitions);
    String text =
        gains.isEmpty()
            ? "no %s that is over has %d small files or more".formatted(unit.word(), upkeep.spec().minFilesToCompact())
            : "%s (%s) of %s compacted into %d"
                .formatted(Upkeep.count(files, "file"), Upkeep.size(bytes), Upkeep.count(gains.size(), unit.word()), after);
    upkeep.tell("compact", facts, text);
  }

  private static Map<String, Object> facts(Unit unit, Gain gain) {
    return Map.of(
        "partition", unit.name(gain.ordinal()), "files", gain.files(), "bytes", gain.bytes(), "filesAfter", gain.filesAfter());
  }

  /** How the table is partitioned. {@code micros}: the length of a partition. */
  private record Unit(String word, String column, long micros) {
    static Optional<Unit> of(Table table) {
      if (table.specs().size() != 1 || table.spec().fields().size() != 1) {
        return Optional.empty();
      }
      PartitionField field = table.spec().fields().get(0);
      String column = table.schema().findColumnName(field.sourceId());
      return switch (field.transform().toString()) {
        case "hour" -> Optional.of(new Unit("hour", column, 3_600_000_000L));
        case "day" -> Optional.of(new Unit("day", column, 86_400_000_000L));
        default -> Optional.empty();
      };
    }

    Expression range(int ordinal) {
      return Expressions.and(
          Expressions.greaterThanOrEqual(column, ordinal * micros), Expressions.lessThan(column, (ordinal + 1) * micros));
    }

    String name(int ordinal) {
      return Instant.ofEpochSecond(ordinal * (micros / 1_000_000)).toString();
    }
  }
}
