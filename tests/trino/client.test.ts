import { afterEach, describe, expect, test } from '@jest/globals';
import { openTrino } from '../../src/trino/client.js';
import { isTableMissing } from '../../src/trino/failure.js';
import { type Answer, FakeTrino } from './fake-trino.js';

const columns = [
  { name: 'n', type: 'varchar' },
  { name: 'words', type: 'varchar' },
];
const failure = { message: 'line 1:1: no', errorName: 'SYNTAX_ERROR', errorType: 'USER_ERROR', errorCode: 1 };

describe('the Trino client', () => {
  let fake: FakeTrino;

  const open = async (answers: Answer[], timeout = 5_000) => {
    fake = await FakeTrino.start(answers);
    return openTrino({ url: fake.url, user: 'tester', catalog: 'lakehouse', timeout });
  };

  afterEach(async () => await fake.stop());

  test('returns the rows of every page by column name, as the configured user', async () => {
    const trino = await open([
      { body: { id: 'q1', nextUri: '$/v1/statement/q1/1' } },
      { body: { id: 'q1', columns, data: [['1', 'un']], nextUri: '$/v1/statement/q1/2' } },
      { body: { id: 'q1', columns, data: [['2', 'deux']] } },
    ]);
    expect(await trino.query('SELECT 1')).toEqual([
      { n: '1', words: 'un' },
      { n: '2', words: 'deux' },
    ]);
    expect(fake.requests.map(({ user }) => user)).toEqual(['tester', 'tester', 'tester']);
    expect(fake.cancelled).toEqual([]);
  });

  test('an error in the very first answer is thrown', async () => {
    const trino = await open([{ body: { id: 'q1', error: failure } }]);
    await expect(trino.query('SELEC')).rejects.toMatchObject({
      code: 'trino-query-failed',
      message: expect.stringContaining('SYNTAX_ERROR'),
    });
  });

  test('an error in a later answer is thrown, whatever rows came before', async () => {
    const trino = await open([
      { body: { id: 'q1', nextUri: '$/1' } },
      { body: { id: 'q1', columns, data: [['1', 'un']], nextUri: '$/2' } },
      { body: { id: 'q1', error: { ...failure, errorName: 'TABLE_NOT_FOUND' } } },
    ]);
    const error = await trino.query('SELECT 1').catch((reason: unknown) => reason);
    expect(isTableMissing(error)).toBe(true);
  });

  test('a statement that does not end in time is cancelled on the server: exit 124', async () => {
    const trino = await open([{ body: { id: 'q7', nextUri: '$/1' } }, undefined], 300);
    await expect(trino.query('SELECT 1')).rejects.toMatchObject({ code: 'trino-timed-out', exitCode: 124 });
    expect(fake.cancelled).toEqual(['/v1/query/q7']);
  });

  test('an abort ends the statement with its own reason and cancels it', async () => {
    const trino = await open([{ body: { id: 'q8', nextUri: '$/1' } }, undefined]);
    const abort = new AbortController();
    const query = trino.query('SELECT 1', { signal: abort.signal });
    while (fake.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort(new Error('stopped by the user'));
    await expect(query).rejects.toThrow('stopped by the user');
    expect(fake.cancelled).toEqual(['/v1/query/q8']);
  });

  test('close ends what still runs', async () => {
    const trino = await open([{ body: { id: 'q9', nextUri: '$/1' } }, undefined]);
    const query = trino.query('SELECT 1').catch((error: unknown) => error);
    while (fake.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await trino.close();
    expect(String(await query)).toContain('closed');
    expect(fake.cancelled).toEqual(['/v1/query/q9']);
  });

  test('an overloaded server is asked again', async () => {
    const trino = await open([
      { status: 503, body: 'busy' },
      { body: { id: 'q1', nextUri: '$/1' } },
      { status: 502, body: 'busy' },
      { body: { id: 'q1', columns, data: [['1', 'un']] } },
    ]);
    expect(await trino.query('SELECT 1')).toEqual([{ n: '1', words: 'un' }]);
  });

  test('a server that starts up is unreachable for now: exit 5', async () => {
    const starting = { ...failure, errorName: 'SERVER_STARTING_UP', errorType: 'INTERNAL_ERROR' };
    const trino = await open([{ body: { id: 'q1', error: starting } }]);
    await expect(trino.query('SELECT 1')).rejects.toMatchObject({ code: 'unreachable', exitCode: 5 });
  });

  test('nobody at the address: exit 5 with the address and what to do', async () => {
    const trino = await open([]);
    const { url } = fake;
    await fake.stop();
    await expect(trino.query('SELECT 1')).rejects.toMatchObject({
      code: 'unreachable',
      exitCode: 5,
      message: expect.stringContaining(url),
      hint: expect.stringContaining('elt stack status'),
    });
    fake = await FakeTrino.start([]);
  });
});
