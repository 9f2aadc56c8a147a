import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fetch from 'node-fetch';
import { diskFull, errorsForShare, forbidAll, openS3Faults, type S3Faults } from '../../src/drill/s3-faults.js';

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Behind the front: a server that keeps what is PUT and remembers each request's headers. */
describe('S3 faults', () => {
  const objects = new Map<string, Buffer>();
  const headers: Record<string, unknown>[] = [];
  let server: Server;
  let front: S3Faults;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      headers.push(request.headers);
      const key = request.url ?? '';
      if (request.method === 'PUT') {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        objects.set(key, Buffer.concat(chunks));
        response.setHeader('ETag', '"it"').end();
        return;
      }
      const object = objects.get(key);
      response.statusCode = object === undefined ? 404 : 200;
      response.setHeader('Content-Length', object?.length ?? 0);
      response.end(request.method === 'HEAD' ? undefined : object);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    front = await openS3Faults(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  beforeEach(() => {
    objects.clear();
    headers.length = 0;
    front.heal();
  });

  afterAll(async () => {
    await front.close();
    server.closeAllConnections();
    server.close();
  });

  const put = async (key: string, body: Buffer) =>
    await fetch(`${front.endpoint}${key}`, { method: 'PUT', body, headers: { 'x-amz-date': '20261122T210000Z' } });

  test('passes bodies and headers on byte for byte, both ways', async () => {
    const body = randomBytes(5_000_000);
    const answer = await put('/bucket/a%20b?x=1&y', body);
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"it"']);
    expect([...objects.keys()]).toEqual(['/bucket/a%20b?x=1&y']);
    expect(headers[0]).toMatchObject({
      host: front.endpoint.slice('http://'.length),
      'x-amz-date': '20261122T210000Z',
    });
    const read = await fetch(`${front.endpoint}/bucket/a%20b?x=1&y`);
    expect(sha(Buffer.from(await read.arrayBuffer()))).toBe(sha(body));
    const head = await fetch(`${front.endpoint}/bucket/a%20b?x=1&y`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '5000000']);
    expect((await fetch(`${front.endpoint}/nothing`)).status).toBe(404);
  });

  test('a share of the requests gets SlowDown or InternalError, and nothing of them arrives', async () => {
    let step = 0;
    const values = [0.04, 0.1, 0.5, 0.04, 0.9, 0.051];
    front.fail(errorsForShare(0.05, () => values[step++ % values.length] as number));
    const answers = [
      await put('/b/1', randomBytes(9)),
      await put('/b/2', randomBytes(9)),
      await put('/b/3', randomBytes(9)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([503, 200, 500]);
    expect(await answers[0]?.text()).toContain('<Code>SlowDown</Code>');
    expect(await answers[2]?.text()).toContain('<Code>InternalError</Code>');
    expect([...objects.keys()]).toEqual(['/b/2']);
    expect((await put('/b/4', randomBytes(9))).status).toBe(200);
  });

  test('forbidAll refuses reading too; diskFull refuses writing only', async () => {
    await put('/b/kept', Buffer.from('kept'));
    front.fail(forbidAll);
    const refused = await fetch(`${front.endpoint}/b/kept`);
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    expect((await fetch(`${front.endpoint}/b/kept`, { method: 'HEAD' })).status).toBe(403);

    front.fail(diskFull);
    const full = await put('/b/more', randomBytes(1_000_000));
    expect([full.status, await full.text()]).toEqual([507, expect.stringContaining('StorageFull')]);
    expect(await (await fetch(`${front.endpoint}/b/kept`)).text()).toBe('kept');
    front.heal();
    expect((await put('/b/more', randomBytes(9))).status).toBe(200);
    expect([...objects.keys()]).toEqual(['/b/kept', '/b/more']);
  });

  test('counts what it did', async () => {
    const before = front.counts;
    await put('/b/1', randomBytes(1));
    front.fail(forbidAll);
    await put('/b/1', randomBytes(1));
    expect(front.counts).toEqual({ failed: before.failed + 1, passed: before.passed + 1 });
  });
});
