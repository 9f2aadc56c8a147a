import { expect, test } from '@jest/globals';
import { ReleaseStack } from '../../src/commons/lifecycle.js';

test('what was opened is closed in reverse order, once', async () => {
  const closed: string[] = [];
  const releases = new ReleaseStack();
  for (const name of ['a', 'b', 'c']) releases.push(name, name, (one) => closed.push(one));
  await releases.release();
  await releases.release();
  expect(closed).toEqual(['c', 'b', 'a']);
});

test('everything is closed although a closing fails; the first error is kept', async () => {
  const closed: string[] = [];
  const releases = new ReleaseStack();
  releases.push('a', 'a', (one) => closed.push(one));
  releases.push('b', 'b', () => Promise.reject(new Error('b')));
  releases.push('c', 'c', () => Promise.reject(new Error('c')));
  await expect(releases.release()).rejects.toThrow('closing c failed');
  expect(closed).toEqual(['a']);
});

test('the error of the work wins over an error of closing', async () => {
  const work = ReleaseStack.using(async (releases) => {
    releases.push('a', 'a', () => Promise.reject(new Error('closing')));
    throw new Error('work');
  });
  await expect(work).rejects.toThrow('work');
});
