/** Server-sent events: the browser reconnects by itself. */
import type { Feed } from './feed.js';
import { problem, type Reply, type Request } from './http.js';
import type { Sessions } from './sessions.js';

/** More browsers than people who look. */
const mostStreams = 50;
/** What the overview says changes little from second to second: it is sent when it does, and at least so often. */
const atLeastEveryMs = 10_000;

/** Sends the overview for as long as the browser listens and its session lasts. */
export function streamOverview(
  feed: Feed,
  sessions: Sessions,
  { raw, response, method, session }: Request,
): Reply | 'answered' {
  if (feed.listeners >= mostStreams) {
    return problem(503, 'too-many-streams', `${mostStreams} pages are open already; close some.`);
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
  if (method === 'HEAD') {
    response.end();
    return 'answered';
  }
  raw.socket.setTimeout(0);
  response.write('retry: 2000\n\n');
  let before = { text: '', at: 0 };
  const stop = feed.listen((overview) => {
    // A reader that has stopped reading gets nothing more until it has read what is under way.
    if (response.writableNeedDrain) return;
    const { at, ...rest } = overview;
    const text = JSON.stringify(rest);
    if (text === before.text && Date.now() - before.at < atLeastEveryMs) return;
    before = { text, at: Date.now() };
    response.write(`event: overview\ndata: ${JSON.stringify({ at, ...rest })}\n\n`);
  });
  const forget = session === null ? () => {} : sessions.whenOver(session, () => response.end());
  response.once('close', () => {
    stop();
    forget();
  });
  return 'answered';
}
