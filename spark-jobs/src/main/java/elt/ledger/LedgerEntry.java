package elt.ledger;

import java.util.Map;

/**
 * What one of our commits says of itself in its snapshot summary.
 *
 * @param snapshotId the commit's snapshot, which may have expired since
 * @param start position before the commit
 * @param position position after it
 * @param startIngestedAt commit clock before, in micros since 1970; null before the first rows
 * @param ingestedAt commit clock after, in micros since 1970; null before the first rows
 * @param rows rows added
 * @param gaps offset span minus rows, per partition; empty when none
 */
public record LedgerEntry(
    long snapshotId,
    Writer writer,
    String commitId,
    Position start,
    Position position,
    Long startIngestedAt,
    Long ingestedAt,
    long rows,
    Map<String, Long> gaps) {}
