import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../src/commons/config.js';
import { configSchema } from '../../src/commons/config-schema.js';
import { metricsCatalogue } from '../../src/commons/metrics-catalogue.js';
import { announceCounters } from '../../src/pipeline/announce-counters.js';
import { waitingCores } from '../../src/pipeline/measure-runs.js';
import type { Run } from '../../src/pipeline/run.js';
import { measureStep } from '../../src/pipeline/run-metrics.js';
import type { Step } from '../../src/pipeline/run-services.js';
import { recorder } from '../recorded-metrics.js';
import { aRun } from './runs.js';

const run = (changes: Partial<Run>): Run => aRun('run-1', changes);
const measured = (before: Run, after: Run, step: Step) => {
  const { metrics, sent } = recorder();
  measureStep(before, after, step, metrics);
  return sent;
};

describe('what a step says', () => {
  const running = run({
    state: 'running',
    startedAt: '2026-01-01T00:00:01.000Z',
    requestedAt: '2026-01-01T00:00:00.000Z',
  });
  const { pipeline, stage } = running;

  test('a run that ended is one run, one attempt and its duration', () => {
    const ended = { ...running, state: 'failed' as const, endedAt: '2026-01-01T00:01:01.500Z' };
    const step: Step = { outcome: { state: 'failed', error: null }, delayMs: 0 };
    expect(measured(running, ended, step)).toEqual([
      ['elt_attempts_total', 1, { pipeline, stage, state: 'failed' }],
      ['elt_runs_total', 1, { pipeline, stage, state: 'failed' }],
      ['elt_run_duration_seconds', 60.5, { pipeline, stage, state: 'failed' }],
    ]);
  });

  test('an attempt that is followed by another one ends no run', () => {
    const again = { ...running, state: 'queued' as const, attempt: 2 };
    const step: Step = { outcome: { state: 'lost', error: null }, delayMs: 0 };
    expect(measured(running, again, step)).toEqual([['elt_attempts_total', 1, { pipeline, stage, state: 'lost' }]]);
  });

  test('the first sight of the driver tells the start-up, later ones do not', () => {
    const progress = { ...running.progress, driverStartedAt: '2026-01-01T00:00:09.250Z' };
    const started = { ...running, progress };
    expect(measured(running, started, { delayMs: 0 })).toEqual([
      ['elt_run_startup_seconds', 9.25, { pipeline, stage }],
    ]);
    expect(measured(started, started, { delayMs: 0 })).toEqual([]);
  });

  test('a verification counts once, its checks by verdict', () => {
    const ended = { ...running, state: 'succeeded' as const };
    const verified = { ...ended, verified: false };
    const step: Step = { checks: [{ verdict: 'pass' }, { verdict: 'fail' }], delayMs: 0 };
    expect(measured(ended, verified, step)).toEqual([
      ['elt_verifications_total', 1, { pipeline, stage, verdict: 'fail' }],
      ['elt_checks_total', 1, { pipeline, stage, verdict: 'pass' }],
      ['elt_checks_total', 1, { pipeline, stage, verdict: 'fail' }],
    ]);
  });
});

describe('what is collected', () => {
  test('every counter is announced with +0 under all labels it has', () => {
    const pipelines = {
      n: { extract: { topic: 't', table: 'raw.n' }, transform: { table: 'silver.n', sql: 'n.sql' } },
    };
    const { metrics, sent } = recorder();
    announceCounters(configSchema.parse({ pipelines }) as unknown as Config, metrics);
    expect(sent.every(([, value]) => value === 0)).toBe(true);
    const counters = Object.entries(metricsCatalogue).filter(([, { kind }]) => kind === 'counter');
    expect([...new Set(sent.map(([name]) => name))].toSorted()).toEqual(counters.map(([name]) => name).toSorted());
    for (const [name, , labels] of sent) {
      const expected = metricsCatalogue[name as keyof typeof metricsCatalogue].labels;
      expect(Object.keys(labels).toSorted()).toEqual([...expected].toSorted());
    }
  });

  test('cores are waited for by drivers without a worker and by our applications without executors', () => {
    const spark = { driver: { cores: 1, memory: 1 }, coresMax: 4 };
    const application = (name: string, state: string, cores: number) => ({ id: name, name, state, cores });
    const drivers = ['SUBMITTED', 'RUNNING', 'FAILED'].map((state) => ({
      id: state,
      state,
      mainClass: 'x',
      worker: 'None',
    }));
    const activeApplications = [
      application('elt-extract-n-1', 'WAITING', 0),
      application('elt-transform-n-2', 'RUNNING', 4),
      application('somebody-elses', 'WAITING', 0),
    ];
    expect(waitingCores({ drivers, activeApplications }, spark)).toBe(5);
  });
});
