import { expect, test } from '@jest/globals';
import { redisBaselines } from '../../src/pipeline/verified-baseline.js';
import { clock } from '../trino/ledgers.js';

test('baselines are kept per table under the prefix; anything unreadable counts as gone', async () => {
  const keys = new Map<string, string>();
  const redis = {
    get: async (key: string) => keys.get(key) ?? null,
    set: async (key: string, value: string) => keys.set(key, value),
  };
  const store = redisBaselines(redis, 'elt', 'lakehouse');
  expect(await store.read('raw.numbers')).toBeNull();
  const snapshotId = '9007199254740993123';
  const baseline = { snapshotId, committedAt: clock(2), ingestedAt: clock(1) };
  await store.write('raw.numbers', baseline);
  expect([...keys.keys()]).toEqual(['elt:verified:lakehouse.raw.numbers']);
  expect(await store.read('raw.numbers')).toEqual(baseline);
  keys.set('elt:verified:lakehouse.raw.numbers', JSON.stringify({ snapshotId, ingestedAt: clock(1) }));
  expect(await store.read('raw.numbers')).toEqual({ ...baseline, committedAt: null });
  keys.set('elt:verified:lakehouse.raw.numbers', 'garbage');
  expect(await store.read('raw.numbers')).toBeNull();
});
