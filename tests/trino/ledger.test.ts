import { describe, expect, test } from '@jest/globals';
import { ledgerFromRows, ledgerSql, since } from '../../src/trino/ledger-queries.js';
import { at, clock, commit, foreign, ledgerOf } from './ledgers.js';

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
