package elt.transform;

import elt.ledger.LedgerEntry;
import elt.ledger.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The rows of one RAW snapshot that are not in SILVER yet, and how to cut them into batches. Pure.
 *
 * @param after the clock that SILVER has reached, with RAW's position there; null clock before the first rows
 * @param position RAW's position at {@code after}, as SILVER knows it
 * @param commits RAW's ledger entries after that clock, oldest first, as far as they have not expired; the
 *     last one's clock is where the backlog ends
 * @param files the files with rows after that clock
 */
record RawBacklog(Long after, Position position, List<LedgerEntry> commits, List<RawFile> files) {
  /** A place to end a batch. */
  private record Cut(long clock, Position position) {}

  RawBacklog {
    commits = List.copyOf(commits);
    files = List.copyOf(files);
  }

  boolean isEmpty() {
    return commits.isEmpty();
  }

  /** The next batch: as many RAW commits as fit in {@code maxRows}, at least one. */
  BatchRange next(long maxRows) {
    Cut chosen = null;
    for (Cut cut : cuts()) {
      if (chosen != null && rowsUpTo(cut.clock()) > maxRows) {
        break;
      }
      chosen = cut;
    }
    long upTo = chosen.clock();
    long start = start();
    return new BatchRange(
        after,
        upTo,
        chosen.position(),
        files.stream().filter(file -> file.overlaps(start, upTo)).toList(),
        files.stream().filter(file -> file.lastClock() > upTo).mapToLong(RawFile::rows).sum());
  }

  /** What is left once the batch is in SILVER. */
  RawBacklog after(BatchRange batch) {
    return new RawBacklog(
        batch.upTo(),
        batch.position(),
        commits.stream().filter(commit -> commit.ingestedAt() > batch.upTo()).toList(),
        files.stream().filter(file -> file.lastClock() > batch.upTo()).toList());
  }

  private long start() {
    return after == null ? Long.MIN_VALUE : after;
  }

  /**
   * Where a batch may end, oldest first. Any clock would do, as all rows of a RAW commit have the same
   * one. Where RAW's commits have expired, the ends of files are taken that no other file straddles; RAW's
   * position there is not known any more, so the one before is kept.
   */
  private List<Cut> cuts() {
    List<Cut> cuts = new ArrayList<>();
    if (!isComplete()) {
      LedgerEntry oldest = commits.get(0);
      endsOfFiles().stream()
          .filter(end -> end < oldest.startIngestedAt())
          .forEach(end -> cuts.add(new Cut(end, position)));
      cuts.add(new Cut(oldest.startIngestedAt(), oldest.start()));
    }
    commits.forEach(commit -> cuts.add(new Cut(commit.ingestedAt(), commit.position())));
    return cuts;
  }

  private List<Long> endsOfFiles() {
    List<RawFile> byStart = files.stream().sorted(Comparator.comparingLong(RawFile::firstClock)).toList();
    List<Long> ends = new ArrayList<>();
    long end = start();
    for (RawFile file : byStart) {
      if (file.firstClock() > end && end > start()) {
        ends.add(end);
      }
      end = Math.max(end, file.lastClock());
    }
    return ends;
  }

  private long rowsUpTo(long clock) {
    if (isComplete()) {
      return commits.stream().filter(commit -> commit.ingestedAt() <= clock).mapToLong(LedgerEntry::rows).sum();
    }
    return files.stream().filter(file -> file.lastClock() <= clock).mapToLong(RawFile::rows).sum();
  }

  /** Whether every RAW commit after SILVER's clock is known. */
  private boolean isComplete() {
    Long start = commits.get(0).startIngestedAt();
    return start == null || after != null && start <= after;
  }
}
