package elt.ledger;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the ledger promises, in the simplest form: which groups of rows are in the table, who may write, how far it is. It
 * hears of each change at the moment the catalog takes it, and fails when that change is not allowed.
 */
final class LedgerModel {
  /**
   * The table at one snapshot.
   *
   * @param groups commit ids of batches and names of foreign appends whose rows are there
   * @param commitId newest ledger commit in the history, null for none
   * @param offset next offset of the only partition: the sum of all committed batches
   * @param hasForeignDeletes since the newest ledger commit
   */
  record State(Set<String> groups, String commitId, String claim, long offset, Long clock, boolean hasForeignDeletes) {
    static final State EMPTY = new State(Set.of(), null, null, 0, null, false);

    State withGroups(Set<String> changed, boolean deleted) {
      return new State(Set.copyOf(changed), commitId, claim, offset, clock, hasForeignDeletes || deleted);
    }
  }

  /** A batch that somebody wants to commit. */
  record Intent(String claim, long start, long rows, boolean hasFiles) {}

  private final Map<Long, State> bySnapshot = new HashMap<>();
  private final Map<String, Intent> intents = new HashMap<>();
  private final Set<String> applied = new HashSet<>();
  private final Set<String> refused = new HashSet<>();
  private State now = State.EMPTY;
  private String mirroredCommit;
  private boolean wasReplaced;
  private boolean wasRolledBack;

  State now() {
    return now;
  }

  Set<Long> snapshots() {
    return bySnapshot.keySet();
  }

  boolean isApplied(String commitId) {
    return applied.contains(commitId);
  }

  /** The codes with one of which every ledger operation must stop; empty when it must work. */
  Set<String> stops() {
    if (mirroredCommit == null) {
      return now.groups().isEmpty() ? Set.of() : Set.of("rows-without-position");
    }
    if (mirroredCommit.equals(now.commitId())) {
      return Set.of();
    }
    Set<String> stops = new TreeSet<>();
    if (wasReplaced) {
      stops.add("table-replaced");
    }
    if (wasRolledBack) {
      stops.add("ledger-rolled-back");
    }
    return stops;
  }

  void intends(String commitId, Intent intent) {
    intents.put(commitId, intent);
  }

  /** The writer was told that the batch is not in the table and never will be. */
  void refused(String commitId) {
    check(!applied.contains(commitId), "batch " + commitId + " was called refused but had been applied");
    refused.add(commitId);
  }

  /** The catalog has taken a ledger commit. */
  void ledgerCommit(long snapshotId, LedgerEntry entry, boolean isRecovery) {
    check(isRecovery || stops().isEmpty(), "a commit was let through although the ledger is broken: " + stops());
    Intent intent = intents.get(entry.commitId());
    long offset = offset(entry.position());
    if (intent == null) {
      check(isRecovery || offset == now.offset(), "a claim moved the position from " + now.offset() + " to " + offset);
      check(isRecovery || Objects.equals(entry.ingestedAt(), now.clock()), "a claim moved the clock");
      next(now.groups(), entry, offset);
    } else {
      check(entry.writer().claim().equals(now.claim()), "zombie " + entry.writer().claim() + " wrote, owner " + now.claim());
      check(intent.start() == now.offset(), "batch from " + intent.start() + " was applied at " + now.offset());
      check(offset == intent.start() + intent.rows(), "wrong end position " + offset);
      check(now.clock() == null || entry.ingestedAt() > now.clock(), "the clock went back");
      check(applied.add(entry.commitId()), "batch " + entry.commitId() + " was applied twice");
      check(!refused.contains(entry.commitId()), "batch " + entry.commitId() + " was applied after it was called refused");
      Set<String> groups = new HashSet<>(now.groups());
      if (intent.hasFiles()) {
        groups.add(entry.commitId());
      }
      next(groups, entry, offset);
    }
    bySnapshot.put(snapshotId, now);
  }

  private void next(Set<String> groups, LedgerEntry entry, long offset) {
    now = new State(Set.copyOf(groups), entry.commitId(), entry.writer().claim(), offset, entry.ingestedAt(), false);
    mirroredCommit = entry.commitId();
    wasReplaced = false;
    wasRolledBack = false;
  }

  /** Others changed the rows. */
  void foreignChange(long snapshotId, Set<String> groups, boolean deleted) {
    now = now.withGroups(groups, deleted);
    bySnapshot.put(snapshotId, now);
  }

  /** Somebody made another snapshot the current one. */
  void rolledTo(long snapshotId) {
    now = bySnapshot.get(snapshotId);
    wasRolledBack = true;
  }

  /** CREATE OR REPLACE. */
  void replaced() {
    now = State.EMPTY;
    wasReplaced = true;
  }

  static long offset(Position position) {
    return position.open().map(open -> open.next(0).orElse(0)).orElse(0L);
  }

  static void check(boolean holds, String violation) {
    if (!holds) {
      throw new AssertionError(violation);
    }
  }
}
