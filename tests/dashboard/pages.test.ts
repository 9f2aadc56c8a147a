import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { requireBuild } from '../cli/program.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { AnsweringTrino } from './answering-trino.js';
import { keepPicture, keepPictures, looks, openBrowser, overhang, seen } from './browser.js';
import { busyLedger, busyRedis, wave } from './busy-day.js';
import { password, RunningDashboard } from './running-dashboard.js';

let browser: Browser;
let server: RedisServer;
let trino: AnsweringTrino;
let page: Page;
/** What the page complained about: a script that failed, something the security policy refused. */
let complaints: string[];

beforeAll(async () => {
  requireBuild();
  [browser, server, trino] = await Promise.all([openBrowser(), startRedis(), AnsweringTrino.start()]);
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
  await trino.stop();
});

beforeEach(async () => {
  page = await browser.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
});

afterEach(async () => await page.close());

async function open(prefix: string, env: Record<string, string> = {}): Promise<RunningDashboard> {
  return await RunningDashboard.start(server.url, prefix, { ELT_TRINO_URL: trino.url, ...env });
}

describe('before anything has run', () => {
  let dashboard: RunningDashboard;

  beforeAll(async () => {
    dashboard = await open('empty');
  }, 60_000);

  afterAll(async () => await dashboard.close());

  test('the page says so and how to start; nothing is 0', async () => {
    await page.goto(dashboard.url);
    await page.getByText('Nothing has run yet').waitFor();
    await page.getByText('elt run extract').waitFor();
    await page.getByText('no table yet').first().waitFor();
    expect(await seen(page.locator('main'))).not.toMatch(/(^|\s)0(\s|$)/m);
    expect(complaints).toEqual([]);
    await keepPictures(page, 'empty');
  });

  test('the queues are off, and the page says why', async () => {
    const answer = await page.goto(`${dashboard.url}/queues`);
    expect(answer?.status()).toBe(403);
    await page.getByText('The queues are off').waitFor();
    await keepPicture(page, 'queues-off');
  });
});

describe('in the middle of the work', () => {
  let dashboard: RunningDashboard;
  let redis: Redis;

  beforeAll(async () => {
    redis = new Redis(server.url, { maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    trino.tables.set('raw.numbers', busyLedger(48, wave));
    trino.tables.set('silver.numbers', busyLedger(48, wave, 2));
    dashboard = await open('busy', { ELT_DASHBOARD_PASSWORD: password, ELT_DASHBOARD_READ_ONLY: 'false' });
    await busyRedis(redis, dashboard.line.store, 'busy');
  }, 60_000);

  afterAll(async () => {
    redis.disconnect();
    await dashboard.close();
  });

  async function logIn(): Promise<void> {
    await page.goto(dashboard.url);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Latest runs' }).waitFor();
  }

  test('a wrong password is told, the right one lets in', async () => {
    await page.goto(dashboard.url);
    expect(page.url()).toBe(`${dashboard.url}/login`);
    await page.getByLabel('Password').fill('wrong-horse-battery');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the password.').waitFor();
    await keepPicture(page, 'login');
    await logIn();
    expect(page.url()).toBe(`${dashboard.url}/`);
  });

  test('states, rate, lag, positions, snapshots, verdicts and runs are there, in every look, never wider than the window', async () => {
    await logIn();
    const numbers = page.locator('article', { hasText: 'numbers' });
    await numbers.getByText('4,000,000').first().waitFor({ state: 'detached' });
    await numbers.getByRole('region', { name: 'extract' }).getByText('running', { exact: true }).waitFor();
    await numbers.getByText('6 passed').waitFor();
    await numbers.getByText('snapshot 7394010066046000055').waitFor();
    await numbers.locator('svg[role=img]').nth(1).waitFor();
    expect(await numbers.locator('svg[role=img]').count()).toBe(2);
    const ends = numbers.locator('td[data-label=End]');
    expect(await ends.allInnerTexts()).toEqual(['unknown', 'unknown', 'unknown']);
    expect(await page.locator('.runs tbody tr').count()).toBe(5);
    for (const { width } of looks) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await overhang(page)]).toEqual([width, 0]);
    }
    expect(complaints).toEqual([]);
    await keepPictures(page, 'overview');
  });

  test('news come without a reload, and what the reader opened stays open', async () => {
    await logIn();
    await page.locator('summary', { hasText: 'Checks' }).click();
    await page.getByText('words-recomputed').waitFor();
    const runId = '20261122t150003-h3mb6g';
    await dashboard.line.store.change(runId, () => ({ notice: 'WAITING for cores: the other stage holds them' }));
    await page.getByText('WAITING for cores').waitFor();
    expect(await page.getByText('words-recomputed').isVisible()).toBe(true);
    await dashboard.line.store.change(runId, () => ({ notice: null }));
    await page.getByText('WAITING for cores').waitFor({ state: 'detached' });
  });

  test('with the keyboard alone: to a run, its log, stop it, back', async () => {
    await logIn();
    await page.locator('.runs button').first().focus();
    const runId = await page.evaluate('document.activeElement.textContent');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    expect(runId).toBe('20261122t163155-x7k2ab');
    await page.locator('.log li').first().waitFor();
    await keepPictures(page, 'run');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe(runId);

    page.once('dialog', (dialog) => void dialog.accept());
    await page.locator('.stage button', { hasText: 'h3mb6g' }).press('Enter');
    await page.getByRole('button', { name: 'Stop this run' }).press('Enter');
    await page.locator('.log').getByText('stop requested').waitFor();
    expect((await dashboard.line.store.get('20261122t150003-h3mb6g'))?.run.stopRequestedAt).not.toBeNull();
    expect(complaints).toEqual([]);
  });

  test('the queues are shown after logging in', async () => {
    await logIn();
    await page.getByRole('link', { name: 'Queues' }).click();
    await page.getByText('elt queues').first().waitFor();
    await page.getByText('extract', { exact: false }).first().waitFor();
    await keepPicture(page, 'queues');
  });

  test('logging out leads to the door', async () => {
    await logIn();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.goto(dashboard.url);
    expect(page.url()).toBe(`${dashboard.url}/login`);
  });

  test('Trino down: what it knows is unknown, with the reason; it recovers', async () => {
    await logIn();
    await page.getByText('rows in table').first().waitFor();
    await trino.stop();
    await page.getByText('Trino is down.').waitFor({ timeout: 30_000 });
    const extract = page.getByRole('region', { name: 'extract' });
    expect(await seen(extract.locator('.figures'))).toMatch(/rows in table\s+unknown/);
    await keepPictures(page, 'trino-down');
    await trino.start();
    await page.getByText('Trino is down.').waitFor({ state: 'detached', timeout: 30_000 });
  }, 90_000);

  test('Redis down: the page says so, shows what it knew as old, and recovers without a restart', async () => {
    await logIn();
    await server.kill();
    await page.getByText('Redis is down.').waitFor();
    await page.getByText('The runs below are as of').waitFor();
    expect(await seen(page.getByRole('region', { name: 'extract' }).locator('dl').last())).not.toContain('no run yet');
    await page.getByRole('region', { name: 'extract' }).getByText('unknown').first().waitFor();
    expect(await seen(page.locator('#connection'))).toBe('live');
    await keepPictures(page, 'redis-down');
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const answer = await dashboard.ask('/api/status', { headers: { cookie } });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body).error).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('Redis at'),
    });
    expect((await dashboard.ask('/queues/api/queues', { headers: { cookie } })).status).toBe(503);

    await server.start();
    await busyRedis(redis, dashboard.line.store, 'busy');
    await page.getByText('Redis is down.').waitFor({ state: 'detached' });
    await page.getByRole('region', { name: 'extract' }).getByText('running', { exact: true }).waitFor();
    expect((await dashboard.ask('/api/status', { headers: { cookie } })).status).toBe(200);
  }, 90_000);
});
