import { describe, expect, test } from '@jest/globals';
import type { TrinoClient } from '../../src/trino/client.js';
import type { TableLedger } from '../../src/trino/ledger.js';
import { ledgerFrom, ledgerFromRows, ledgerSql, since } from '../../src/trino/ledger-queries.js';
import { at, clock, commit, foreign, ledgerOf, rowsOf } from './ledgers.js';

const claim = commit({ id: '1', start: null, end: [] });
const first = commit({ id: '2', start: [], end: at(3, 2), clocks: [null, clock(1)], rows: 5 });
const compaction = foreign('3', 'replace', { 'added-records': '5', 'deleted-records': '5' });
const second = commit({
  id: '4',
  start: at(3, 2),
  end: at(9, 2),
  clocks: [clock(1), clock(2)],
  rows: 4,
  summary: { 'elt.gaps': '{"0":2}', 'total-records': '9' },
});

describe('a table ledger', () => {
  test('is read along parent_id, newest first, past foreign snapshots', () => {
    const ledger = ledgerOf([claim, first, compaction, second], { properties: { 'elt.released': 'run-1:succeeded' } });
    expect(ledger.entries.map((entry) => entry.snapshotId)).toEqual(['4', '2', '1']);
    expect(ledger.newest).toMatchObject({ rows: 4n, gaps: { 0: 2n }, startIngestedAt: clock(1), ingestedAt: clock(2) });
    expect(ledger.totalRecords).toBe(9n);
    expect(ledger.released).toEqual({ claim: 'run-1', state: 'succeeded' });
    expect(since(ledger, '2')?.map((snapshot) => snapshot.snapshotId)).toEqual(['4', '3']);
    expect(since(ledger, 'unknown')).toBeNull();
  });

  test('knows what a rollback left aside', () => {
    const ledger = ledgerOf([claim, first, second], { current: '2' });
    expect(ledger.entries.map((entry) => entry.snapshotId)).toEqual(['2', '1']);
    expect(ledger.snapshots).toHaveLength(3);
  });

  test('falls back to the mirrored properties when every ledger snapshot has expired', () => {
    const properties = {
      'elt.position': '[{"topicId":"topic-A","offsets":{"0":"9"},"closed":false}]',
      'elt.ingested-at': clock(2),
    };
    const ledger = ledgerOf([compaction], { firstParent: '2', properties });
    expect(ledger.newest).toBeNull();
    expect(ledger.position).toEqual(at(9));
    expect(ledger.ingestedAt).toBe(clock(2));
  });

  test('is built from the rows of one statement', () => {
    const rows = [
      {
        kind: 'property',
        id: 'elt.commit-id',
        parent_id: null,
        committed_at: null,
        operation: null,
        value: 'commit-2',
      },
      { kind: 'current', id: '2', parent_id: null, committed_at: null, operation: null, value: null },
      {
        kind: 'snapshot',
        id: '2',
        parent_id: '1',
        committed_at: clock(0),
        operation: 'append',
        value: JSON.stringify(first.summary),
      },
    ];
    const ledger = ledgerFromRows(rows);
    expect(ledger.newest?.position).toEqual(at(3, 2));
    expect(ledger.properties).toEqual({ 'elt.commit-id': 'commit-2' });
    expect(ledgerSql('lakehouse', 'raw.x')).toContain('"lakehouse"."raw"."x$snapshots"');
  });
});

describe('a ledger from a mark on', () => {
  const committedAt = clock(5);
  const whole = ledgerOf([claim, first, compaction, second]);
  const from = (ids: readonly string[]): TableLedger => ({
    ...whole,
    snapshots: whole.snapshots.filter(({ snapshotId }) => ids.includes(snapshotId)),
  });

  async function read(recent: TableLedger, snapshotId: string) {
    const trino = answering(recent, whole);
    const ledger = await ledgerFrom(trino, 'raw.x', { snapshotId, committedAt });
    return { ids: ledger?.ancestry.map((snapshot) => snapshot.snapshotId), statements: trino.statements };
  }

  test('is one statement, which leaves out what is older', async () => {
    const { ids, statements } = await read(from(['2', '3', '4']), '2');
    expect(ids).toEqual(['4', '3', '2']);
    expect(statements).toEqual([ledgerSql('lakehouse', 'raw.x', committedAt)]);
    expect(statements[0]).toContain(`committed_at >= from_iso8601_timestamp('${committedAt}')`);
  });

  test.each([
    ['the mark was rolled back or has expired', from(['2', '3', '4']), '7'],
    ['the mark is a compaction, and the entry before it is older', from(['3', '4']), '3'],
    ['a clock was so far behind that the line has a hole', from(['2', '4']), '2'],
  ])('is the whole ledger when %s', async (_why, recent, snapshotId) => {
    const { ids, statements } = await read(recent, snapshotId);
    expect(ids).toEqual(['4', '3', '2', '1']);
    expect(statements).toHaveLength(2);
  });
});

/** A Trino that has `recent` for statements with a date, and `whole` for the others. */
function answering(recent: TableLedger, whole: TableLedger): TrinoClient & { statements: string[] } {
  const statements: string[] = [];
  return {
    statements,
    address: 'http://trino',
    catalog: 'lakehouse',
    query: async (sql) => {
      statements.push(sql);
      return rowsOf(sql.includes('committed_at >=') ? recent : whole);
    },
    close: async () => undefined,
  };
}
