import { describe, expect, test } from '@jest/globals';
import { maintenanceLines } from '../../src/cli/maintenance-lines.js';
import { advance, noProgress } from '../../src/pipeline/progress.js';
import { aRun } from '../pipeline/runs.js';

const event = (fields: object) =>
  JSON.stringify({ event: 'maintenance', runId: 'r', at: '2026-01-01T00:00:00Z', ...fields });

describe('what MAINTAIN says', () => {
  const progress = advance(
    noProgress,
    [
      event({ table: 'raw.t', step: 'compact', done: true, files: 7, text: '7 files compacted' }),
      event({ table: 'silver.numbers', step: 'expire', done: false, leftOut: true, text: 'no snapshot expires' }),
    ],
    'r',
  );

  test('keeps words and numbers', () => {
    expect(progress.maintenance).toEqual([
      { table: 'raw.t', step: 'compact', isDone: true, text: '7 files compacted', facts: { files: 7 } },
      {
        table: 'silver.numbers',
        step: 'expire',
        isDone: false,
        text: 'no snapshot expires',
        facts: { leftOut: true },
      },
    ]);
  });

  test('is a line a step; a plan says that it is one', () => {
    const run = { ...aRun('r', { stage: 'maintain' }), progress };
    expect(maintenanceLines(run)).toEqual([
      '  raw.t           compact    7 files compacted',
      '  silver.numbers  expire     no snapshot expires',
    ]);
    const plan = { ...run, spec: { ...run.spec, args: ['{"planOnly":true}'] } };
    expect(maintenanceLines(plan)[0]).toBe('Plan; no table was changed:');
  });
});
