import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Line, type LineOptions, metadataTable, until } from './harness.js';

const options: LineOptions = {
  extract: { mode: 'follow', commitInterval: '1s' },
  maintain: { keepSnapshots: '1s', minFilesToCompact: 2 },
};
const yesterday = Date.now() - 86_400_000;

interface Step {
  readonly table: string;
  readonly step: string;
  readonly isDone: boolean;
  readonly text: string;
  readonly facts: Record<string, unknown>;
}

/** Everything that may happen to a table while EXTRACT follows and TRANSFORM drains. */
describe('maintenance and foreign operations during commits', () => {
  let line: Line;
  let produced = 0;
  let load: { stop: () => Promise<void> } | undefined;

  const send = async (count: number) => {
    const records = Array.from({ length: count }, (_, index) => ({
      value: String(produced + index),
      timestamp: String(yesterday),
    }));
    await line.produce(records);
    produced += count;
  };
  const maintain = async (...flags: string[]) => {
    const result = await line.elt(['maintain', ...flags, '-o', 'json']);
    const report = JSON.parse(String(result.stdout)) as { state: string; verified: unknown; maintenance: Step[] };
    const step = (table: string, name: string) =>
      report.maintenance.find((one) => one.table === table && one.step === name);
    return { exitCode: result.exitCode, report, step };
  };
  const metadataFile = async () => {
    const sql = `SELECT max_by(file, timestamp) AS file FROM ${metadataTable(line.silver, 'metadata_log_entries')}`;
    return String((await line.trino.query(sql))[0]?.['file']);
  };

  beforeAll(async () => {
    line = await Line.open('maintain', options);
    line.startWorker();
  }, 60_000);
  afterAll(async () => {
    await load?.stop();
    await line.close();
  }, 180_000);

  test('a TRANSFORM driver killed with its files written leaves files that nothing refers to', async () => {
    await send(300);
    expect((await line.elt(['run', 'extract', '--detach'])).exitCode).toBe(0);
    await until('EXTRACT commits', async () => (await line.rawRows()) > 0);
    const failpoint = { 'spark.driver.extraJavaOptions': '-Delt.failpoints=files-written=kill' };
    line.configure(line.topic, { ...options, spark: { properties: failpoint } });
    expect((await line.run('transform')).report).toMatchObject({ state: 'failed', rows: 0 });
    line.configure(line.topic, options);
  }, 300_000);

  test('elt maintain, OPTIMIZE and expire_snapshots during commits: nothing lost, nothing doubled', async () => {
    load = steadily(async () => await send(50));
    expect((await line.run('transform')).report).toMatchObject({ state: 'succeeded', verified: true });
    const [transform, maintenance] = await Promise.all([
      line.run('transform'),
      maintain(),
      line.trino.query(`ALTER TABLE ${line.raw} EXECUTE optimize`),
      expireByTrino(line, line.rejects),
    ]);
    expect(transform.report).toMatchObject({ state: 'succeeded', verified: true });
    expect(maintenance).toMatchObject({ exitCode: 0, report: { state: 'succeeded', verified: true } });
    await line.trino.query(`ALTER TABLE ${line.silver} EXECUTE optimize`);
    await expireByTrino(line, line.raw);
    await load.stop();
    await until('EXTRACT has read all', async () => (await line.rawRows()) === produced);
    expect((await line.run('transform')).report).toMatchObject({ state: 'succeeded', verified: true });

    for (const table of [line.raw, line.silver]) {
      expect(await line.count(`SELECT count(*) FROM ${table}`)).toBe(produced);
      const records = `SELECT DISTINCT kafka_partition, kafka_offset FROM ${table}`;
      expect(await line.count(`SELECT count(*) FROM (${records})`)).toBe(produced);
    }
    const validate = await line.elt(['validate', '-o', 'json']);
    expect(JSON.parse(String(validate.stdout))).toMatchObject({ passed: true });
  }, 400_000);

  test('a plan changes nothing; maintenance compacts, expires and keeps what is verified', async () => {
    const before = await metadataFile();
    const plan = await maintain('--dry-run');
    expect(plan.report.state).toBe('succeeded');
    expect(await metadataFile()).toBe(before);
    expect(plan.report.maintenance.every(({ isDone }) => !isDone)).toBe(true);

    const done = await maintain();
    expect(done.exitCode).toBe(0);
    expect(Number(plan.step(line.silver, 'compact')?.facts['files'])).toBeGreaterThan(1);
    expect(done.step(line.silver, 'compact')?.facts).toMatchObject({
      files: plan.step(line.silver, 'compact')?.facts['files'],
    });
    expect(done.step(line.raw, 'expire')?.isDone).toBe(true);
    expect(await line.count(`SELECT count(*) FROM ${metadataTable(line.silver, 'files')}`)).toBe(1);
    expect(await line.count(`SELECT count(*) FROM ${metadataTable(line.raw, 'snapshots')}`)).toBeLessThan(30);
    const validate = await line.elt(['validate', '-o', 'json']);
    expect(JSON.parse(String(validate.stdout))).toMatchObject({ passed: true });
  }, 300_000);

  test("a user's INSERT is named, and nothing of that table expires; a rollback stops EXTRACT", async () => {
    const columns = 'kafka_topic_id, kafka_partition, kafka_offset, kafka_timestamp_ms, ingested_at';
    await line.trino.query(
      `INSERT INTO ${line.raw} (${columns}) SELECT 'by-hand', 0, 0, 0, min(ingested_at) FROM ${line.raw}`,
    );
    await send(10);
    await until('EXTRACT goes on', async () => (await line.rawRows()) === produced + 1);
    const validate = await line.elt(['validate', '-o', 'json']);
    expect(validate.exitCode).toBe(3);
    const { checks } = JSON.parse(String(validate.stdout)) as { checks: { name: string; verdict: string }[] };
    expect(checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)).toContain('no-foreign-rows');
    const held = await maintain();
    expect(held).toMatchObject({ exitCode: 3, report: { state: 'succeeded', verified: false } });
    expect(held.step(line.raw, 'expire')?.text).toMatch(
      /no snapshot expires: a check fails \(no-foreign-rows.*elt validate/,
    );

    // Before EXTRACT's last commit: maintenance may have replaced manifests since.
    const rows = await line.trino.query(
      `SELECT CAST(parent_id AS varchar) AS id FROM ${metadataTable(line.raw, 'snapshots')}
       WHERE CAST(element_at(summary, 'elt.rows') AS bigint) > 0 ORDER BY committed_at DESC LIMIT 1`,
    );
    await line.trino.query(`ALTER TABLE ${line.raw} EXECUTE rollback_to_snapshot(${rows[0]?.['id']})`);
    await send(10);
    await until('EXTRACT stops', async () => {
      const { runs } = JSON.parse(String((await line.elt(['status', '-o', 'json'])).stdout));
      const extract = runs.find((run: { stage: string }) => run.stage === 'extract');
      return (
        extract.state === 'failed' &&
        extract.error.code === 'ledger-rolled-back' &&
        /elt offsets recover/.test(extract.error.message)
      );
    });
  }, 300_000);

  test('orphan files are removed after their grace, and every file that is referred to is there', async () => {
    line.configure(line.topic, {
      ...options,
      maintain: { ...options.maintain, orphanGrace: '1ms', allowShortGrace: true },
    });
    const done = await maintain();
    expect(Number(done.step(line.silver, 'orphans')?.facts['removed'])).toBeGreaterThan(0);
    expect(await line.count(`SELECT count(words) FROM ${line.silver}`)).toBeGreaterThan(0);
    expect(await line.count(`SELECT count(kafka_value) FROM ${line.raw}`)).toBeGreaterThan(0);
    expect(await line.count(`SELECT count(reason) FROM ${line.rejects}`)).toBe(0);
  }, 240_000);
});

/** Does something over and over, with a short pause, until told to stop. */
function steadily(act: () => Promise<void>): { stop: () => Promise<void> } {
  let isRunning = true;
  const loop = (async () => {
    while (isRunning) {
      await act();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  return {
    stop: async () => {
      isRunning = false;
      await loop;
    },
  };
}

/** As a user who wants everything gone: only a session may go below the server's limit of seven days. */
async function expireByTrino(line: Line, table: string): Promise<void> {
  const headers = {
    'X-Trino-User': 'somebody',
    'X-Trino-Session': `${line.trino.catalog}.expire_snapshots_min_retention=0s`,
  };
  const statement = `ALTER TABLE ${line.trino.catalog}.${table} EXECUTE expire_snapshots(retention_threshold => '0s')`;
  let response = await fetch(`${line.trino.address}/v1/statement`, { method: 'POST', headers, body: statement });
  for (;;) {
    const answer = (await response.json()) as { nextUri?: string; error?: { message: string } };
    if (answer.error !== undefined) throw new Error(answer.error.message);
    if (answer.nextUri === undefined) return;
    response = await fetch(answer.nextUri, { headers });
  }
}
