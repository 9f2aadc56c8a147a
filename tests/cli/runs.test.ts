/** The program as a user meets it: runs, their exit codes, one JSON document. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commitEvent, endEvent, event } from '../pipeline/world.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { Installation, requireBuild, until } from './program.js';

let server: RedisServer;
let line: Installation;
let count = 0;

beforeAll(async () => {
  requireBuild();
  server = await startRedis();
});

afterAll(async () => await server.close());

beforeEach(async () => {
  line = await Installation.open(server.url, `runs${count++}`);
});

afterEach(async () => await line.close());

/** Drivers commit once and then do as told. */
function driversEnd(state: string, error: object | null = null): void {
  line.master.onCreate = (driver) => {
    const runId = JSON.parse(driver.args[0] ?? '{}').runId as string;
    driver.stdout = event(runId, 'started') + commitEvent(runId, 0, 1234) + endEvent(runId, state, error);
    driver.state = state === 'succeeded' || state === 'stopped' ? 'FINISHED' : 'FAILED';
  };
}

/** Drivers commit once and go on until they are killed; then they stop gracefully. */
function driversFollow(): void {
  line.master.onCreate = (driver) => {
    const runId = JSON.parse(driver.args[0] ?? '{}').runId as string;
    driver.stdout = event(runId, 'started') + commitEvent(runId, 0, 1234);
  };
  line.master.onKill = (driver) => {
    driver.state = 'FINISHED';
  };
}

describe('runs', () => {
  test('a run without any worker is served by the command itself, and printed as one document', async () => {
    driversEnd('succeeded');
    const { exitCode, stdout, stderr } = await line.elt(['run', 'extract', '--drain', '-o', 'json']);
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual([
      'runId',
      'pipeline',
      'stage',
      'state',
      'verified',
      'submissionId',
      'rows',
      'rejects',
      'startPosition',
      'endPosition',
      'snapshotIds',
      'startedAt',
      'endedAt',
      'durationMs',
      'error',
    ]);
    // Trino is not there: the run is committed, its verification is unknown.
    expect(report).toMatchObject({ pipeline: 'numbers', state: 'succeeded', rows: 1234, verified: 'unknown' });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/1,234 rows/);
  }, 60_000);

  test('ndjson is the same, once for each change', async () => {
    driversEnd('succeeded');
    const { stdout } = await line.elt(['run', 'extract', '--drain', '-o', 'ndjson']);
    const reports = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(reports.at(0)).toMatchObject({ state: 'queued' });
    expect(reports.at(-1)).toMatchObject({ state: 'succeeded', verified: 'unknown' });
  }, 60_000);

  test.each([
    ['failed', { code: 'topic-missing', message: 'Topic "numbers" does not exist.' }, 1],
    ['fenced', null, 7],
    ['stopped', null, 6],
  ])(
    'a driver that ends %s (%p) gives exit code %p',
    async (state, error, expected) => {
      driversEnd(state, error);
      const { exitCode, stdout, stderr } = await line.elt(['run', 'extract', '--drain']);
      expect(exitCode).toBe(expected);
      expect(stdout).toContain(state);
      if (error !== null) expect(stderr).toContain('error: Topic "numbers" does not exist. (topic-missing)');
    },
    60_000,
  );

  test('detach, status, a second run, logs, attach, stop', async () => {
    driversFollow();
    line.start(['worker']);
    const detached = await line.elt(['run', 'extract', '--detach', '-o', 'json']);
    expect(detached.exitCode).toBe(0);
    const { runId, submissionId } = JSON.parse(detached.stdout);
    expect(submissionId).toBe(line.master.drivers[0]?.id);

    const second = await line.elt(['run', 'extract', '-o', 'json']);
    expect(second.exitCode).toBe(4);
    expect(JSON.parse(second.stdout)).toMatchObject({ runId });
    expect(second.stderr).toContain('is running already');

    const status = await line.elt(['status', '-o', 'json']);
    expect(JSON.parse(status.stdout).runs).toEqual([expect.objectContaining({ runId, stage: 'extract' })]);
    expect((await line.elt(['status'])).stdout).toMatch(/RUN +STAGE +PIPELINE +STATE/);
    const one = await line.elt(['status', runId]);
    expect(one.stdout).toContain(line.master.drivers[0]?.id);
    expect(one.stdout).toMatch(/ log\n.* UTC\n +[\d:.]+ {2}queued +follow run of raw\.numbers by rest\n/);
    const { log } = JSON.parse((await line.elt(['status', runId, '-o', 'json'])).stdout);
    expect(log[0]).toMatchObject({ attempt: 1, what: 'queued', evidence: expect.any(String), at: expect.any(String) });

    expect((await line.elt(['logs', runId])).stdout).toMatch(/^Launch Command/);
    expect((await line.elt(['logs', runId, '--stdout'])).stdout).toContain('"event":"commit"');

    const attached = line.start(['run', 'extract', '--attach', '-o', 'json']);
    expect((await line.elt(['stop', 'extract'])).exitCode).toBe(0);
    const ended = await attached;
    expect(ended.exitCode).toBe(6);
    expect(JSON.parse(String(ended.stdout))).toMatchObject({ runId, state: 'stopped', rows: 1234 });
    expect(line.master.drivers.map(({ kills }) => kills)).toEqual([1]);
    expect((await line.elt(['stop', 'extract'])).stderr).toContain('No run of extract numbers is active');
  }, 90_000);

  test('Ctrl-C detaches, says how to go on, and leaves the driver alone', async () => {
    driversFollow();
    const run = line.start(['run', 'extract']);
    await until('the driver commits', async () => (await line.runs())[0]?.progress.commits === 1);
    run.kill('SIGINT');
    const { exitCode, stderr } = await run;
    expect(exitCode).toBe(130);
    expect(String(stderr)).toMatch(
      /Detached: .* goes on\. Follow it: elt run extract numbers --attach\. Stop it: elt stop extract numbers/,
    );
    expect(String(stderr)).toContain('No elt worker is alive');
    expect(line.master.drivers[0]).toMatchObject({ kills: 0, state: 'RUNNING' });
  }, 60_000);

  test('--restart stops the active run and starts a new one', async () => {
    driversFollow();
    const first = JSON.parse((await line.elt(['run', 'extract', '--detach', '-o', 'json'])).stdout);
    const second = await line.elt(['run', 'extract', '--restart', '--detach', '-o', 'json']);
    expect(second.exitCode).toBe(0);
    expect(JSON.parse(second.stdout).runId).not.toBe(first.runId);
    const states = (await line.runs()).map(({ runId, state }) => [runId === first.runId, state]);
    expect(states).toEqual([
      [false, 'running'],
      [true, 'stopped'],
    ]);
  }, 60_000);

  test('kill ends a run whose driver does not listen', async () => {
    line.master.onKill = () => {};
    line.start(['worker', 'extract']);
    const { runId } = JSON.parse((await line.elt(['run', 'extract', '--detach', '-o', 'json'])).stdout);
    const killed = await line.elt(['kill', runId, '-o', 'json']);
    expect(killed.exitCode).toBe(0);
    expect(JSON.parse(killed.stdout).runs).toEqual([
      expect.objectContaining({ runId, state: 'failed', error: expect.objectContaining({ code: 'killed' }) }),
    ]);
  }, 60_000);

  test('--dry-run prints the submission, asks nobody and starts nothing', async () => {
    const env = { ELT_REDIS_URL: 'redis://127.0.0.1:1', AWS_SECRET_ACCESS_KEY: 'hunter2' };
    const { exitCode, stdout } = await line.elt(['run', 'extract', '--dry-run', '-o', 'json'], env);
    expect(exitCode).toBe(0);
    const plan = JSON.parse(stdout);
    expect(plan.submission).toMatchObject({ mainClass: 'elt.extract.ExtractDriver' });
    expect(plan.submission.name).toBe(`elt-extract-numbers-${plan.runId}`);
    expect(stdout).not.toContain('hunter2');
    expect(line.master.bodies).toHaveLength(0);
  });

  test('a worker drains within seconds after SIGTERM and leaves the driver alone', async () => {
    driversFollow();
    const worker = line.start(['worker']);
    await line.elt(['run', 'extract', '--detach']);
    const startedAt = Date.now();
    worker.kill('SIGTERM');
    expect((await worker).exitCode).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(line.master.drivers[0]).toMatchObject({ kills: 0, state: 'RUNNING' });
  }, 60_000);

  test('two stages run beside each other', async () => {
    driversFollow();
    line.start(['worker']);
    for (const stage of ['extract', 'transform']) {
      expect((await line.elt(['run', stage, '--detach'])).exitCode).toBe(0);
    }
    expect((await line.runs()).map(({ state }) => state)).toEqual(['running', 'running']);
    expect((await line.elt(['stop', 'transform'])).exitCode).toBe(0);
    expect(line.master.drivers.map(({ kills }) => kills)).toEqual([0, 1]);
  }, 60_000);
});
