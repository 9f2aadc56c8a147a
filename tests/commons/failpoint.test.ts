import { afterEach, describe, expect, test } from '@jest/globals';
import { armFailpoints, failpoint, failpoints } from '../../src/commons/failpoint.js';

afterEach(() => armFailpoints(undefined));

describe('failpoints', () => {
  test('without the variable nothing happens, at any of them', async () => {
    for (const text of [undefined, '', ' ']) {
      armFailpoints(text);
      for (const name of Object.keys(failpoints)) await failpoint(name as keyof typeof failpoints);
    }
  });

  test.each([
    'submit-before-crate=kill',
    'toString=kill',
    'poll',
    'poll=explode',
    'poll=delay',
    'poll=kill@0',
    'poll=kill;poll=error',
  ])('%p is an error that lists the names', (text) => {
    expect(() => armFailpoints(text)).toThrow(
      expect.objectContaining({
        code: 'invalid-failpoints',
        message: expect.stringMatching(/submit-before-create, submit-after-create, poll.*was "/),
      }),
    );
  });

  test('an error each time, or the second time only', async () => {
    armFailpoints('poll=error, end-before-save=error@2');
    await expect(failpoint('poll')).rejects.toThrow('failpoint poll');
    await expect(failpoint('poll')).rejects.toThrow('failpoint poll');
    await failpoint('end-before-save');
    await expect(failpoint('end-before-save')).rejects.toThrow('failpoint end-before-save');
    await failpoint('end-before-save');
    await failpoint('submit-after-create');
  });

  test('a delay waits', async () => {
    armFailpoints('poll=delay:60');
    const before = performance.now();
    await failpoint('poll');
    expect(performance.now() - before).toBeGreaterThanOrEqual(55);
  });
});
