package elt.transform;

import elt.ledger.Position;
import java.util.List;

/**
 * What one batch reads of RAW: the rows with {@code after < ingested_at <= upTo}. A RAW commit is in it
 * or not, never half.
 *
 * @param after null for all rows from the beginning
 * @param position RAW's position at {@code upTo}
 * @param files the files that may have such rows
 * @param lag rows of RAW left for later batches
 */
record BatchRange(Long after, long upTo, Position position, List<RawFile> files, long lag) {
  /** The least number of rows the range can have: those of files that lie wholly within it. */
  long leastRows() {
    return files.stream().filter(this::isCertain).mapToLong(RawFile::rows).sum();
  }

  /** The largest number of rows the range can have; equal to the least unless others have compacted or deleted in RAW. */
  long mostRows() {
    return files.stream().mapToLong(RawFile::rows).sum();
  }

  /** Whether files have other rows, too: those of RAW commits before or after the range. */
  boolean needsFilter() {
    return !files.stream().allMatch(this::isWithin);
  }

  private boolean isCertain(RawFile file) {
    return file.isCounted() && isWithin(file);
  }

  private boolean isWithin(RawFile file) {
    return file.isWithin(after == null ? Long.MIN_VALUE : after, upTo);
  }
}
