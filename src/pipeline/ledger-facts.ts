/** What kinds of ledger entries there are, and which clocks they cover. Pure. */
import { isSamePosition } from '../commons/position.js';
import type { LedgerEntry, TableLedger } from '../trino/ledger.js';

/** `elt offsets recover` recomputed the position: it need not continue the one before. */
export function isRecovered({ summary }: LedgerEntry): boolean {
  return 'elt.recovered-from' in summary;
}

/** A recovery that found something else than the entry before it said: what lies before is accepted as it is. */
export function startsAnew(entry: LedgerEntry, before: LedgerEntry | null): boolean {
  if (!isRecovered(entry)) return false;
  return before?.ingestedAt !== entry.ingestedAt || !isSamePosition(before.position, entry.position);
}

/** TRANSFORM took back rejects that were ahead of SILVER. */
export function takesBack({ summary }: LedgerEntry): boolean {
  return 'elt.rolled-back-rows' in summary;
}

/** A full refresh: the rows of this commit replaced everything before. */
export function replacesAll(entry: LedgerEntry): boolean {
  return 'elt.full-refresh' in entry.summary || (entry.operation !== 'append' && !takesBack(entry));
}

const moves = ['elt.started-from', 'elt.accepted-new-topic', 'elt.accepted-loss', 'elt.recovered-from'];

/** The position moved without reading: a chosen start, an accepted loss or topic, a recovery. */
export function isMove({ summary }: LedgerEntry): boolean {
  return moves.some((note) => note in summary);
}

/** Whether the ledger's history is complete: nothing before its oldest snapshot has expired. */
export function reachesRoot({ ancestry }: TableLedger): boolean {
  return ancestry.length === 0 || ancestry.at(-1)?.parentId === null;
}

/** The rows of a commit: those with `after` < clock <= `upTo`. `after` null: from the first row on. */
export interface CommitInterval {
  readonly entry: LedgerEntry;
  readonly after: string | null;
  readonly upTo: string;
}

/** The commits whose rows must be there, and the clock from which on every row must belong to one of them. */
export interface LiveCommits {
  /** Oldest first. */
  readonly intervals: readonly CommitInterval[];
  /** Null: from the first row on. */
  readonly from: string | null;
}

/**
 * Walks back from the newest entry: what a commit took back or replaced is not looked for, and what a recovery found it
 * accepted. `mirrored` is the clock to start from when no entry is left.
 */
export function liveCommits(newestFirst: readonly LedgerEntry[], mirrored: string | null): LiveCommits {
  const intervals: CommitInterval[] = [];
  let ceiling = newestFirst.length === 0 ? mirrored : (newestFirst[0]?.ingestedAt ?? null);
  for (const [index, entry] of newestFirst.entries()) {
    if (ceiling === null || startsAnew(entry, newestFirst[index + 1] ?? null)) break;
    if (takesBack(entry)) {
      ceiling = lower(ceiling, entry.ingestedAt);
      continue;
    }
    if (entry.ingestedAt === null || entry.ingestedAt > ceiling) continue;
    const after = replacesAll(entry) ? null : entry.startIngestedAt;
    if (after !== entry.ingestedAt) intervals.push({ entry, after, upTo: entry.ingestedAt });
    ceiling = lower(ceiling, after);
  }
  return { intervals: intervals.toReversed(), from: ceiling };
}

function lower(left: string, right: string | null): string | null {
  return right === null ? null : left < right ? left : right;
}
