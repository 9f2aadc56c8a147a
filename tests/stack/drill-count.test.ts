import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { count, type Finding } from '../../src/drill/count.js';
import { Acknowledgements, recordValue } from '../../src/drill/numbered-records.js';
import { Line } from './harness.js';

const partitions = 2;
const perPartition = 150;

/** Damage is planted through Trino in a line that is whole, and taken back: the drill's count must name exactly that. */
describe('the count of the drill', () => {
  const sent = new Acknowledgements();
  let line: Line;

  beforeAll(async () => {
    line = await Line.open('count', { partitions });
    for (let partition = 0; partition < partitions; partition += 1) {
      const firstNumber = partition * perPartition;
      const values = Array.from({ length: perPartition }, (_, index) => recordValue(firstNumber + index));
      const [answer] = await line.produce(values.map((value) => ({ value, partition })));
      sent.add({ partition, offset: Number(answer?.baseOffset), firstNumber, count: perPartition });
    }
    expect((await line.run('extract')).report).toMatchObject({ state: 'succeeded', rows: 300 });
    expect((await line.run('transform')).report).toMatchObject({ state: 'succeeded', rows: 294, rejects: 6 });
  }, 240_000);

  afterAll(async () => await line.close());

  const tables = () => ({ raw: line.raw, silver: line.silver, rejects: line.rejects });
  const all = () => ({ from: new Map<number, number>(), to: sent.ends });
  const findings = async () => await count(line.trino, tables(), sent, all());

  const damaged = async (table: string, statement: string): Promise<Finding[]> => {
    const [schema, name] = table.split('.');
    const [before] = await line.trino.query(
      `SELECT CAST(snapshot_id AS varchar) AS id FROM ${schema}."${name}$refs" WHERE name = 'main'`,
    );
    await line.trino.query(statement);
    const found = await findings();
    await line.trino.query(`ALTER TABLE ${table} EXECUTE rollback_to_snapshot(${before?.['id']})`);
    return found;
  };

  test('finds nothing in a line that is whole', async () => {
    expect(await findings()).toEqual([]);
  });

  test.each([
    [
      'raw',
      'DELETE FROM $ WHERE kafka_partition = 1 AND kafka_offset = 7',
      'lost',
      'not in RAW; "157" was acknowledged',
    ],
    ['raw', 'INSERT INTO $ SELECT * FROM $ WHERE kafka_partition = 1 AND kafka_offset = 7', 'doubled', '2 times'],
    [
      'raw',
      "UPDATE $ SET kafka_value = to_utf8('9') WHERE kafka_partition = 1 AND kafka_offset = 7",
      'altered',
      'expected "157", got "9"',
    ],
    [
      'silver',
      'DELETE FROM $ WHERE kafka_partition = 1 AND kafka_offset = 7',
      'lost',
      'in RAW, but neither in SILVER nor rejected',
    ],
    ['silver', 'INSERT INTO $ SELECT * FROM $ WHERE kafka_partition = 1 AND kafka_offset = 7', 'doubled', '2 times'],
    [
      'silver',
      "UPDATE $ SET words = 'cent cinquante' WHERE kafka_partition = 1 AND kafka_offset = 7",
      'altered',
      'expected "cent cinquante-sept", got "cent cinquante"',
    ],
  ] as const)('in %s: %s', async (role, statement, kind, detail) => {
    const table = tables()[role];
    const found = await damaged(table, statement.replaceAll('$', table));
    expect(found).toEqual([{ kind, table, partition: 1, offset: 7, detail }]);
  });

  test('a reject that is gone, doubled or of a number', async () => {
    const at = { table: line.rejects, partition: 0, offset: 49 };
    expect(
      await damaged(line.rejects, `DELETE FROM ${line.rejects} WHERE kafka_partition = 0 AND kafka_offset = 49`),
    ).toEqual([{ ...at, table: line.silver, kind: 'lost', detail: 'in RAW, but neither in SILVER nor rejected' }]);
    const again = `INSERT INTO ${line.rejects} SELECT * FROM ${line.rejects} WHERE kafka_partition = 0 AND kafka_offset = 49`;
    expect(await damaged(line.rejects, again)).toEqual([{ ...at, kind: 'doubled', detail: '2 times' }]);
  });

  test('only the range that was asked for', async () => {
    const statement = `DELETE FROM ${line.raw} WHERE kafka_partition = 0 AND kafka_offset IN (9, 10, 20)`;
    await line.trino.query(statement);
    const range = { from: new Map([[0, 10]]), to: new Map([[0, 20]]) };
    expect((await count(line.trino, tables(), sent, range)).map(({ offset }) => offset)).toEqual([10]);
  });
});
