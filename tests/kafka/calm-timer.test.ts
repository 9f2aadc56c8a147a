import { expect, test } from '@jest/globals';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import '../../src/kafka/calm-timer.js';

type Queue = RequestQueue & { throttleCheckTimeoutId: NodeJS.Timeout | null };

test('an idle kafkajs connection sets no timer, a throttled one does', () => {
  const Constructor = RequestQueue as unknown as new (options: object) => Queue;
  const queue = new Constructor({ logger: { debug: () => undefined } });
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
  queue.throttledUntil = Date.now() + 60_000;
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).not.toBeNull();
  clearTimeout(queue.throttleCheckTimeoutId ?? undefined);
});
