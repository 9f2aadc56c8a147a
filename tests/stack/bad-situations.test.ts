import { afterEach, describe, expect, test } from '@jest/globals';
import { Line } from './harness.js';

describe('bad situations: a clear message, the right exit code, nothing lost', () => {
  let line: Line;

  afterEach(async () => await line.close());

  test('a topic that does not exist', async () => {
    line = await Line.open('missing');
    await line.deleteTopic();
    const { exitCode, report } = await line.run('extract');
    expect(report).toMatchObject({ state: 'failed', error: { code: 'topic-missing' } });
    expect(report.error.message).toContain(line.topic);
    expect(exitCode).toBe(1);
  });

  test('a topic deleted and created again is a stop, and going on takes a flag', async () => {
    line = await Line.open('recreated', { partitions: 1 });
    await line.produce([{ value: '1' }, { value: '2' }, { value: '3' }]);
    await line.run('extract');
    await line.deleteTopic();
    await line.createTopic(1);
    await line.produce([{ value: '4' }]);

    const refused = await line.run('extract');
    expect(refused.report).toMatchObject({ state: 'failed', rows: 0, error: { code: 'topic-recreated' } });
    expect(refused.report.error.message).toContain('--accept-new-topic');
    expect(refused.exitCode).toBe(1);
    expect(await line.rawRows()).toBe(3);

    const accepted = await line.run('extract', '--accept-new-topic');
    expect(accepted.report).toMatchObject({ state: 'succeeded', rows: 1, verified: true });
    expect(accepted.report.endPosition).toHaveLength(2);
    expect((await line.run('transform')).report).toMatchObject({ state: 'succeeded', rows: 4, verified: true });
  });

  test('retention ahead of the position names the lost range', async () => {
    line = await Line.open('retention', { partitions: 1 });
    await line.produce([{ value: '1' }, { value: '2' }]);
    await line.run('extract');
    await line.produce(Array.from({ length: 8 }, (_, index) => ({ value: String(index) })));
    const admin = line.kafka.admin();
    await admin.connect();
    // kafkajs knows a topic's leaders only once it was asked about the topic.
    await admin.fetchTopicOffsets(line.topic);
    await admin.deleteTopicRecords({ topic: line.topic, partitions: [{ partition: 0, offset: '5' }] });
    await admin.disconnect();

    const refused = await line.run('extract');
    expect(refused.report).toMatchObject({ state: 'failed', error: { code: 'retention-overtook' } });
    expect(refused.report.error.message).toMatch(/2\D+5|2\D+4/);
    expect(refused.report.error.message).toContain('--accept-loss');

    const accepted = await line.run('extract', '--accept-loss');
    expect(accepted.report).toMatchObject({ state: 'succeeded', rows: 5 });
    expect(await line.rawRows()).toBe(7);
  });

  test('RAW rolled back under the ledger is a stop', async () => {
    line = await Line.open('rollback', { partitions: 1 });
    await line.produce([{ value: '1' }]);
    const first = await line.run('extract');
    await line.produce([{ value: '2' }]);
    await line.run('extract');
    const snapshot = first.report.snapshotIds.at(-1);
    const [schema, table] = line.raw.split('.');
    await line.trino.query(`ALTER TABLE ${schema}.${table} EXECUTE rollback_to_snapshot(${snapshot})`);
    await line.produce([{ value: '3' }]);

    const refused = await line.run('extract');
    expect(refused.report).toMatchObject({ state: 'failed', error: { code: 'ledger-rolled-back' } });
    expect(await line.rawRows()).toBe(1);
  });

  test('a second run of the same stage starts nothing and exits 4', async () => {
    line = await Line.open('second', { extract: { mode: 'follow', commitInterval: '1s' } });
    await line.produce([{ value: '1' }]);
    line.startWorker();
    const first = JSON.parse(String((await line.elt(['run', 'extract', '--detach', '-o', 'json'])).stdout));
    const second = await line.run('extract');
    expect(second.exitCode).toBe(4);
    expect(second.report.runId).toBe(first.runId);
    expect((await line.elt(['stop', 'extract'])).exitCode).toBe(0);
    const after = JSON.parse(String((await line.elt(['status', first.runId, '-o', 'json'])).stdout));
    expect(after.runs[0]).toMatchObject({ runId: first.runId, state: 'stopped' });
  });

  test('SQL that is not one deterministic projection is refused before anything is read', async () => {
    line = await Line.open('notsql', { partitions: 1 });
    await line.produce([{ value: '1' }]);
    await line.run('extract');
    line.writeSql('SELECT kafka_offset AS number FROM raw WHERE kafka_offset > 0');
    const { report } = await line.run('transform');
    expect(report).toMatchObject({ state: 'failed', error: { code: 'sql-not-a-projection' } });
    expect(report.error.message).toMatch(/WHERE|Filter/);
  });

  test('an unknown pipeline names the declared ones', async () => {
    line = await Line.open('unknown');
    const result = await line.elt(['run', 'extract', 'nonsense']);
    expect(result.exitCode).toBe(2);
    expect(String(result.stderr)).toContain('nonsense');
    expect(String(result.stderr)).toContain(line.topic);
  });

  test('an additive nullable column evolves RAW', async () => {
    line = await Line.open('evolve', { partitions: 1 });
    await line.produce([{ value: '1' }]);
    await line.run('extract');
    await line.run('transform');
    line.writeSql(
      `SELECT integer_from_text(kafka_value) AS number, number_to_french(integer_from_text(kafka_value)) AS words,
              integer_reject_reason(kafka_value) AS reject_reason, octet_length(kafka_value) AS bytes FROM raw`,
    );
    await line.produce([{ value: '22' }]);
    await line.run('extract');
    expect((await line.run('transform')).report).toMatchObject({ state: 'succeeded', rows: 1, verified: true });
    const rows = await line.trino.query(`SELECT words, bytes FROM ${line.silver} ORDER BY number`);
    expect(rows).toEqual([
      { words: 'un', bytes: null },
      { words: 'vingt-deux', bytes: 2 },
    ]);
  });
});
