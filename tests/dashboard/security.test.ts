import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Sessions } from '../../src/dashboard/sessions.js';
import { requireBuild } from '../cli/program.js';
import { aRun } from '../pipeline/runs.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { type Answer, password, RunningDashboard } from './running-dashboard.js';

let redis: RedisServer;

beforeAll(async () => {
  requireBuild();
  redis = await startRedis();
});

afterAll(async () => await redis.close());

const runId = '20261122t163000-x7k2ab';
const stop = `/api/runs/${runId}/stop`;

async function stopRequestedAt({ line }: RunningDashboard): Promise<string | null | undefined> {
  return (await line.store.get(runId))?.run.stopRequestedAt;
}

describe('without a password', () => {
  let dashboard: RunningDashboard;

  beforeAll(async () => {
    dashboard = await RunningDashboard.start(redis.url, 'open', { ELT_DASHBOARD_READ_ONLY: 'false' });
    await dashboard.line.store.create(aRun(runId));
  });

  afterAll(async () => await dashboard.close());

  test('the overview may be read, the queues are off and say why', async () => {
    expect((await dashboard.ask('/')).status).toBe(200);
    expect(JSON.parse((await dashboard.ask('/api/status')).body).runs).toEqual([expect.objectContaining({ runId })]);
    for (const path of ['/queues', '/queues/', '/queues/queue/extract']) {
      const { status, body } = await dashboard.ask(path);
      expect([path, status]).toEqual([path, 403]);
      expect(body).toContain('The queues are off');
      expect(body).toContain('none is set');
    }
    expect((await dashboard.ask('/queues/api/queues')).body).not.toContain('"queues"');
  });

  test('nothing can be changed, nor logged into', async () => {
    const answer = await dashboard.ask(stop, { method: 'POST', headers: { origin: dashboard.url } });
    expect(answer.status).toBe(401);
    expect(await stopRequestedAt(dashboard)).toBeNull();
    expect((await dashboard.logIn('')).status).toBe(401);
    expect(JSON.parse((await dashboard.ask('/api/session')).body)).toEqual({
      hasPassword: false,
      isReadOnly: true,
      csrfToken: null,
    });
  });

  test('it does not start on an address that others reach, nor with a password that can be guessed', async () => {
    const outside = await dashboard.line.elt(['dashboard', '--port', '0'], { ELT_DASHBOARD_HOST: '0.0.0.0' });
    expect(outside).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no password is set') });
    const short = await dashboard.line.elt(['dashboard', '--port', '0'], { ELT_DASHBOARD_PASSWORD: 'hunter2' });
    expect(short).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('7 characters, expected at least 10') });
    expect(short.stderr + short.stdout).not.toContain('hunter2');
  });
});

describe('with a password', () => {
  let dashboard: RunningDashboard;
  let cookie: string;

  beforeAll(async () => {
    const env = { ELT_DASHBOARD_PASSWORD: password, ELT_DASHBOARD_READ_ONLY: 'false' };
    dashboard = await RunningDashboard.start(redis.url, 'closed', env);
    await dashboard.line.store.create(aRun(runId));
    cookie = await dashboard.cookie();
  });

  afterAll(async () => await dashboard.close());

  const everything = [
    '/',
    '/queues',
    '/queues/api/queues',
    '/api/overview',
    '/api/events',
    '/api/status',
    '/api/runs',
    `/api/runs/${runId}`,
    '/api/pipelines',
    '/api/checks',
    '/api/session',
  ];

  test('nothing is shown to whoever has no session', async () => {
    for (const path of everything) {
      const { status, headers, body } = await dashboard.ask(path);
      if (path.includes('/api/')) expect([path, status]).toEqual([path, 401]);
      else expect([path, status, headers.location]).toEqual([path, 303, '/login']);
      expect(body).not.toContain(runId);
    }
  });

  test('a session sees everything', async () => {
    for (const path of everything.filter((one) => one !== '/api/events' && one !== '/api/pipelines')) {
      const { status } = await dashboard.ask(path, { headers: { cookie } });
      expect([path, status]).toEqual([path, 200]);
    }
  });

  test('a wrong password is told as one', async () => {
    const { status, headers, body } = await dashboard.logIn('wrong-horse-battery');
    expect([status, headers['set-cookie']]).toEqual([401, undefined]);
    expect(JSON.parse(body).error.code).toBe('wrong-password');
  });

  test('a forged cookie, an altered one and one of another dashboard let nobody in', async () => {
    const [name = '', value = ''] = cookie.split('=');
    const [id = '', expiry = '', signature = ''] = value.split('.');
    const later = String(Number(expiry) + 86_400_000);
    const foreign = new Sessions(Number(new URL(dashboard.url).port)).begin().split(';')[0] as string;
    const forged = [
      `${name}=`,
      `${name}=admin`,
      `${name}=${id}.${later}.${signature}`,
      `${name}=${id}x.${expiry}.${signature}`,
      `${name}=${id}.${expiry}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`,
      `${name}=${id}.${expiry}.`,
      foreign,
    ];
    for (const one of forged)
      expect([one, (await dashboard.ask('/api/status', { headers: { cookie: one } })).status]).toEqual([one, 401]);
    expect((await dashboard.ask('/api/status', { headers: { cookie } })).status).toBe(200);
  });

  test('a POST of another site changes nothing, not even with the cookie and the token', async () => {
    const token = JSON.parse((await dashboard.ask('/api/session', { headers: { cookie } })).body).csrfToken;
    const good = { cookie, 'x-csrf-token': token };
    const bad: Record<string, string>[] = [
      { ...good, origin: 'http://evil.example' },
      { ...good, origin: 'null' },
      { ...good, origin: 'http://127.0.0.1:1' },
      { ...good },
      { ...good, origin: dashboard.url, 'sec-fetch-site': 'cross-site' },
      { ...good, origin: dashboard.url, 'sec-fetch-site': 'same-site' },
      { cookie, origin: dashboard.url },
      { cookie, origin: dashboard.url, 'x-csrf-token': `${token.slice(0, -1)}_` },
      { origin: dashboard.url, 'x-csrf-token': token },
    ];
    for (const headers of bad) {
      const { status } = await dashboard.ask(stop, { method: 'POST', headers });
      expect([headers, [401, 403].includes(status)]).toEqual([headers, true]);
    }
    const paused = { method: 'PUT', headers: { cookie, origin: 'http://evil.example' } };
    expect((await dashboard.ask('/queues/api/queues/extract/pause', paused)).status).toBe(403);
    expect((await dashboard.logIn(password, { origin: 'http://evil.example' })).headers['set-cookie']).toBeUndefined();
    expect(await stopRequestedAt(dashboard)).toBeNull();

    const headers = { ...good, origin: dashboard.url, 'sec-fetch-site': 'same-origin' };
    expect((await dashboard.ask(stop, { method: 'POST', headers })).status).toBe(200);
    expect(await stopRequestedAt(dashboard)).toEqual(expect.any(String));
  });

  test('a name that somebody else pointed at this host is refused (DNS rebinding)', async () => {
    for (const host of ['evil.example', `evil.example:${new URL(dashboard.url).port}`, '127.0.0.1']) {
      const { status, body } = await dashboard.ask('/api/status', { headers: { cookie, host } });
      expect([host, status]).toEqual([host, 403]);
      expect(body).not.toContain(runId);
    }
    const local = `localhost:${new URL(dashboard.url).port}`;
    expect((await dashboard.ask('/api/status', { headers: { cookie, host: local } })).status).toBe(200);
  });

  test('every answer carries the security headers', async () => {
    const answers: Answer[] = [];
    for (const path of ['/', '/login', '/assets/base.css', '/api/status', '/nothing', '/queues/']) {
      answers.push(await dashboard.ask(path, { headers: { cookie } }));
    }
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': expect.stringMatching('no-store'),
      });
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).toMatch(/script-src 'self';/);
      expect(headers['x-powered-by']).toBeUndefined();
    }
    expect(answers[0]?.headers['content-security-policy']).not.toContain('unsafe-inline');
    const set = String((await dashboard.logIn(password)).headers['set-cookie']?.[0]);
    expect(set).toMatch(/; HttpOnly; SameSite=Strict$/);
  });

  test('logging out ends the session at once, wherever its cookie is', async () => {
    const other = await dashboard.cookie();
    const headers = { cookie: other, origin: dashboard.url };
    const token = JSON.parse((await dashboard.ask('/api/session', { headers })).body).csrfToken;
    expect((await dashboard.ask('/logout', { method: 'POST', headers })).status).toBe(403);
    const out = await dashboard.ask('/logout', { method: 'POST', headers: { ...headers, 'x-csrf-token': token } });
    expect(out.status).toBe(204);
    expect((await dashboard.ask('/api/status', { headers: { cookie: other } })).status).toBe(401);
  });

  test('logging out ends the open event streams of that session, and of no other', async () => {
    const mine = await dashboard.stream(await dashboard.cookie());
    const other = await dashboard.stream(cookie);
    const headers = { cookie: mine.cookie, origin: dashboard.url };
    const token = JSON.parse((await dashboard.ask('/api/session', { headers })).body).csrfToken;
    await dashboard.ask('/logout', { method: 'POST', headers: { ...headers, 'x-csrf-token': token } });
    await mine.ended;
    expect(other.isOpen()).toBe(true);
    other.close();
  });

  test('what is no address is a mistake of whoever asks, with all headers', async () => {
    for (const path of ['//', '///', '//:', 'http://[']) {
      const { status, headers } = await dashboard.ask(path, { headers: { cookie } });
      expect([path, status]).toEqual([path, 400]);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    expect(dashboard.printed()).not.toContain('a request failed');
  });

  test('the password is in no argument and in nothing that was printed', async () => {
    expect(readFileSync(`/proc/${dashboard.pid}/cmdline`, 'utf8')).not.toContain(password);
    expect(dashboard.printed()).not.toContain(password);
    const shown = await dashboard.line.elt(['config', 'show', '-o', 'json'], { ELT_DASHBOARD_PASSWORD: password });
    expect(shown.stdout).toContain('dashboard.password');
    expect(shown.stdout + shown.stderr).not.toContain(password);
  });

  test('1,000 wrong passwords: nothing is let in, the server stays quick, and later the right one works', async () => {
    const guesses = Array.from({ length: 1_000 }, (_, index) => `guess-number-${index}`);
    const statuses: number[] = [];
    const slowest = { ms: 0 };
    const guess = async () => {
      for (let next = guesses.pop(); next !== undefined; next = guesses.pop()) {
        const { status, headers } = await dashboard.logIn(next);
        statuses.push(status);
        expect(headers['set-cookie']).toBeUndefined();
      }
    };
    const look = async () => {
      while (guesses.length > 0) {
        const startedAt = performance.now();
        expect((await dashboard.ask('/api/status', { headers: { cookie } })).status).toBe(200);
        slowest.ms = Math.max(slowest.ms, performance.now() - startedAt);
      }
    };
    await Promise.all([look(), ...Array.from({ length: 20 }, guess)]);
    expect(statuses).toHaveLength(1_000);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401).length).toBeLessThan(60);
    expect(slowest.ms).toBeLessThan(2_000);

    const throttled = await dashboard.logIn(password);
    if (throttled.status === 429) {
      await new Promise((resolve) => setTimeout(resolve, Number(throttled.headers['retry-after']) * 1_000));
    }
    expect((await dashboard.logIn(password)).status).toBe(204);
  }, 60_000);
});
