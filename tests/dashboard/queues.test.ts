/** What people do to queue jobs in the dashboard cannot double a driver, nor lose a run: queue jobs are hints, runs are records. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isFinal } from '../../src/pipeline/run.js';
import { requireBuild, until } from '../cli/program.js';
import { endEvent } from '../pipeline/world.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { type Answer, password, RunningDashboard } from './running-dashboard.js';

let redis: RedisServer;

beforeAll(async () => {
  requireBuild();
  redis = await startRedis();
});

afterAll(async () => await redis.close());

async function put(dashboard: RunningDashboard, cookie: string, path: string, method = 'PUT'): Promise<Answer> {
  const headers = { cookie, origin: dashboard.url, 'content-type': 'application/json' };
  return await dashboard.ask(`/queues/api/queues/${path}`, { method, headers, body: '{}' });
}

/** A worker, and a follow run whose driver runs. */
async function runningRun(dashboard: RunningDashboard): Promise<string> {
  const { line } = dashboard;
  line.start(['worker', 'extract'], {}, 600_000);
  await line.elt(['run', 'extract', '--follow', '--detach']);
  const run = await until('the driver is known', async () => (await line.runs()).find((one) => one.submissionId));
  return run.runId;
}

describe('the queues in the dashboard', () => {
  test('read-only unless told otherwise: every change is refused', async () => {
    const dashboard = await RunningDashboard.start(redis.url, 'looking', { ELT_DASHBOARD_PASSWORD: password });
    try {
      const cookie = await dashboard.cookie();
      for (const path of [
        'extract/pause',
        'pause',
        'extract/some-run/retry',
        'extract/some-run/clean',
        'extract/obliterate',
      ]) {
        const { status, body } = await put(dashboard, cookie, path);
        expect([path, status]).toEqual([path, 403]);
        expect(body).toContain('dashboard.readOnly');
      }
      const session = JSON.parse((await dashboard.ask('/api/session', { headers: { cookie } })).body);
      expect(session.isReadOnly).toBe(true);
      const headers = { cookie, origin: dashboard.url, 'x-csrf-token': session.csrfToken };
      expect((await dashboard.ask('/api/runs/some-run/stop', { method: 'POST', headers })).status).toBe(403);
    } finally {
      await dashboard.close();
    }
  });

  test('retry, remove, promote, pause and resume again and again: one driver, one end', async () => {
    const env = { ELT_DASHBOARD_PASSWORD: password, ELT_DASHBOARD_READ_ONLY: 'false' };
    const dashboard = await RunningDashboard.start(redis.url, 'acting', env);
    try {
      const cookie = await dashboard.cookie();
      const { line } = dashboard;
      const runId = await runningRun(dashboard);
      for (const path of ['extract/add', 'extract/obliterate', 'extract/empty', 'extract/concurrency']) {
        expect([path, (await put(dashboard, cookie, path, path.endsWith('add') ? 'POST' : 'PUT')).status]).toEqual([
          path,
          403,
        ]);
      }
      expect((await put(dashboard, cookie, `extract/${runId}/update-data`, 'PATCH')).status).toBe(403);

      const actions = ['clean', 'retry', 'promote'].map((action) => `extract/${runId}/${action}`);
      const statuses = new Set<number>();
      for (let round = 0; round < 12; round++) {
        for (const action of [
          ...actions,
          'extract/retry/failed',
          'extract/clean/delayed',
          'extract/pause',
          'extract/resume',
        ]) {
          statuses.add((await put(dashboard, cookie, action)).status);
        }
      }
      // Something was really done: not every answer was a refusal.
      expect([...statuses].some((status) => status < 300)).toBe(true);
      expect(statuses.has(403)).toBe(false);

      const driver = line.master.drivers[0];
      if (driver === undefined) throw new Error('no driver');
      driver.stdout = endEvent(runId, 'stopped');
      driver.state = 'FINISHED';
      const run = await until(
        'the run ends',
        async () => (await line.runs()).find((one) => isFinal(one.state)),
        60_000,
      );
      expect(run).toMatchObject({ runId, state: 'stopped', attempt: 1 });
      expect(line.master.bodies).toHaveLength(1);
    } finally {
      await dashboard.close();
    }
  }, 120_000);
});
