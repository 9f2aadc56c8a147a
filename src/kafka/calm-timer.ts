/**
 * kafkajs 2.2.4 keeps a timer per connection that fires every millisecond with nothing to do, set with a negative delay: Node 22 and
 * later print a TimeoutNegativeWarning for it. Here the timer is set only when requests wait or the broker throttles.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;

RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleWhenNeeded(this: RequestQueue): void {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
};
