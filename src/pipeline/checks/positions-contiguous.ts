import { formatPosition, isSamePosition, offsetAt, type Position, sortedPartitions } from '../../commons/position.js';
import type { LedgerEntry } from '../../trino/ledger.js';
import { type LedgerCheck, newEntries, type Target, verdictOf } from '../check.js';
import { isRecovered, takesBack } from '../ledger-facts.js';

export const positionsContiguous: LedgerCheck = {
  kind: 'ledger',
  name: 'positions-contiguous',
  meaning: 'Every commit starts exactly where the commit before it ended: position and clock.',
  on: ['raw', 'silver', 'rejects'],
  judge(target) {
    const entries = newEntries(target);
    const findings = entries.flatMap((entry, index) => [
      ...breaks(entry, index > 0 ? (entries[index - 1] as LedgerEntry) : entryBefore(target), index === 0, target),
      ...backwards(entry),
    ]);
    return verdictOf('each start = the end before it', findings, `${entries.length} ledger commits in one line`);
  },
};

/** The entry that the first new one must continue. */
function entryBefore({ ledger, baseline }: Target): LedgerEntry | null {
  if (baseline === null) return null;
  const verified = ledger.ancestry.slice(ledger.ancestry.findIndex((one) => one.snapshotId === baseline.snapshotId));
  const ids = new Set(verified.map((snapshot) => snapshot.snapshotId));
  return ledger.entries.find((entry) => ids.has(entry.snapshotId)) ?? null;
}

function breaks(entry: LedgerEntry, before: LedgerEntry | null, isFirst: boolean, { ledger }: Target): string[] {
  if (isRecovered(entry)) return [];
  const hasExpired = ledger.ancestry.at(-1)?.parentId !== null;
  if (before === null && isFirst && hasExpired) return [];
  const end = before?.position ?? null;
  const clock = before?.ingestedAt ?? null;
  const after = before === null ? 'the first commit' : `snapshot ${before.snapshotId}`;
  return [
    ...(isSamePosition(entry.start, end)
      ? []
      : [
          `snapshot ${entry.snapshotId} starts at ${formatPosition(entry.start)}, ${after} ended at ${formatPosition(end)}`,
        ]),
    ...(entry.startIngestedAt === clock
      ? []
      : [`snapshot ${entry.snapshotId} starts at clock ${entry.startIngestedAt}, ${after} ended at ${clock}`]),
  ];
}

/** Progress never goes back, except where the ledger itself takes rows back or recomputes. */
function backwards(entry: LedgerEntry): string[] {
  if (isRecovered(entry) || takesBack(entry)) return [];
  const { snapshotId, start, position, startIngestedAt, ingestedAt } = entry;
  const clockStands = entry.rows > 0n && startIngestedAt === ingestedAt;
  const clockBack = startIngestedAt !== null && (ingestedAt === null || ingestedAt < startIngestedAt);
  return [
    ...lostOffsets(start, position).map((what) => `snapshot ${snapshotId} goes back at ${what}`),
    ...(clockBack || clockStands
      ? [`snapshot ${snapshotId} moves the clock from ${startIngestedAt} to ${ingestedAt}`]
      : []),
  ];
}

function lostOffsets(start: Position | null, position: Position): string[] {
  return (start ?? []).flatMap(({ topicId, offsets }) =>
    sortedPartitions(offsets).flatMap((partition) => {
      const from = BigInt(offsets[partition] as string);
      const to = offsetAt(position, topicId, partition);
      return to !== null && to >= from ? [] : [`topic id ${topicId} partition ${partition}: ${from} to ${to}`];
    }),
  );
}
