import { describe, expect, test } from '@jest/globals';
import { ledgerIntact } from '../../../src/pipeline/checks/ledger-intact.js';
import { tableLedger } from '../../../src/trino/ledger.js';
import { at, clock, commit, foreign, ledgerOf } from '../../trino/ledgers.js';
import { subjectOf, targetOf } from '../targets.js';

const first = commit({
  id: '2',
  start: [],
  end: at(3),
  clocks: [null, clock(1)],
  rows: 3,
  summary: { 'total-records': '3' },
});
const second = commit({ id: '4', start: at(3), end: at(9), clocks: [clock(1), clock(2)], rows: 6 });

function judge(ledger: ReturnType<typeof ledgerOf>) {
  const target = targetOf('raw', ledger);
  return ledgerIntact.judge(target, subjectOf([target]));
}

describe('ledger-intact', () => {
  test('passes when properties and newest commit agree, and for a table nobody has written', () => {
    expect(judge(ledgerOf([first, second]))).toEqual({
      passed: true,
      expected: 'properties and newest ledger commit agree',
      actual: 'commit commit-4',
    });
    expect(judge(tableLedger(null, [], {})).passed).toBe(true);
  });

  test('fails after a rollback', () => {
    expect(judge(ledgerOf([first, second], { current: '2' })).actual).toContain('rolled back');
  });

  test('fails for a replaced table: with the old properties, and without them', () => {
    const fresh = foreign('9', 'append', { 'total-records': '1' });
    const mirror = { 'elt.commit-id': 'commit-4', 'elt.position': '[]', 'elt.total-records': '9' };
    expect(judge(ledgerOf([fresh], { properties: mirror })).actual).toContain('replaced');
    expect(judge(tableLedger(null, [], mirror)).actual).toContain('no snapshot');
    const aside = [
      { ...first, parentId: null },
      { ...fresh, parentId: null },
    ];
    expect(judge(tableLedger('9', aside, {})).actual).toContain('outside');
  });

  test('fails for rows without any position', () => {
    expect(judge(ledgerOf([foreign('9', 'append', { 'total-records': '7' })])).actual).toContain(
      '7 records and no position',
    );
  });

  test('with all ledger snapshots expired the mirrored record count decides', () => {
    const kept = foreign('9', 'replace', { 'total-records': '9' });
    const mirror = { 'elt.commit-id': 'commit-4', 'elt.position': '[]', 'elt.total-records': '9' };
    expect(judge(ledgerOf([kept], { firstParent: '8', properties: mirror })).passed).toBe(true);
    const fewer = { ...mirror, 'elt.total-records': '10' };
    expect(judge(ledgerOf([kept], { firstParent: '8', properties: fewer })).passed).toBe(false);
  });
});
