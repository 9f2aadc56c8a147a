// A port offset at which a second stack can stand beside a user's.
import { createServer } from 'node:net';

// Below the ephemeral ports (32768 and up) even for the highest derived port.
const candidates = [12_000, 12_500, 13_000, 11_500, 11_000, 10_500];
const wellKnown = [3306, 6066, 6379, 7077, 8080, 8081, 8090, 8333, 9083, 9092, 9093];

/** The first offset at which all well-known ports are free on loopback. */
export async function freePortOffset() {
  for (const offset of candidates) {
    const free = await Promise.all(wellKnown.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error(`No free port range for a test stack: tried the offsets ${candidates.join(', ')}`);
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
