/** What a reader gets of the overview: the numbers in words, the way there by the keyboard, any width and light. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { requireBuild } from '../cli/program.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { AnsweringTrino } from './answering-trino.js';
import { openBrowser, overhang, pageBackground, seen } from './browser.js';
import { busyLedger, busyRedis, wave } from './busy-day.js';
import { faintTexts } from './contrast.js';
import { password, RunningDashboard } from './running-dashboard.js';

const minutes = 48;
/** TRANSFORM is so many minutes behind. */
const behind = 2;
/** Rows per Kafka partition that came in these minutes; each of three partitions got as many. */
const wavesOf = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => wave(from + index)).reduce((sum, one) => sum + one, 0);
const words = (value: number) => value.toLocaleString('en-US');

let browser: Browser;
let server: RedisServer;
let trino: AnsweringTrino;
let redis: Redis;
let dashboard: RunningDashboard;
let page: Page;

beforeAll(async () => {
  requireBuild();
  [browser, server, trino] = await Promise.all([openBrowser(), startRedis(), AnsweringTrino.start()]);
  redis = new Redis(server.url);
  trino.tables.set('raw.numbers', busyLedger(minutes, wave));
  trino.tables.set('silver.numbers', busyLedger(minutes, wave, behind));
  const env = { ELT_TRINO_URL: trino.url, ELT_DASHBOARD_PASSWORD: password };
  dashboard = await RunningDashboard.start(server.url, 'reading', env);
  await busyRedis(redis, dashboard.line.store, 'reading');
}, 60_000);

afterAll(async () => {
  redis.disconnect();
  await dashboard.close();
  await browser.close();
  await server.close();
  await trino.stop();
});

beforeEach(async () => {
  page = await browser.newPage();
});

afterEach(async () => await page.close());

async function logIn(): Promise<void> {
  await page.goto(dashboard.url);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('svg[role=img]').nth(1).waitFor();
}

describe('in words and numbers', () => {
  const figures = async (stage: string) => await seen(page.getByRole('region', { name: stage }).locator('.figures'));

  test('rate, lag, time to loss and rows of each stage; unknown where nobody can know', async () => {
    await logIn();
    const extract = await figures('extract');
    // 9,731,202 rows in 95 minutes.
    expect(extract).toMatch(/rows\/s\s+1,7\d\d\b/);
    // Kafka is not there.
    expect(extract).toMatch(/lag \(records\)\s+unknown/);
    expect(extract).toMatch(/time to loss\s+unknown/);
    expect(extract).toMatch(new RegExp(`rows in table\\s+${words(12_000_000 + 3 * wavesOf(1, minutes))}`));
    const transform = await figures('transform');
    expect(transform).toMatch(/rows\/s\s+no run/);
    expect(transform).toMatch(new RegExp(`lag \\(rows of RAW\\)\\s+${words(3 * wavesOf(1, behind))}`));
    expect(transform).not.toContain('time to loss');
  });

  test('the next offset to read of each partition', async () => {
    await logIn();
    const next = 4_000_000 + wavesOf(1, minutes);
    expect(await page.locator('td[data-label="Next to read"]').allInnerTexts()).toEqual(
      [next, next + 12, next - 7].map(words),
    );
  });

  test('the chart says its sum, and that it does not know the whole hour', async () => {
    await logIn();
    const most = words(3 * Math.max(...Array.from({ length: minutes }, (_, index) => wave(index + 1))));
    for (const [index, from] of [1, behind + 1].entries()) {
      const chart = page.locator('.chart figure').nth(index);
      const sum = `${words(3 * wavesOf(from, minutes))} in an hour, the rest unknown, at most ${most} a minute`;
      expect(await seen(chart.locator('figcaption'))).toContain(sum);
      expect(await chart.locator('svg').getAttribute('aria-label')).toContain(sum);
    }
  });

  test('the API has the checks as elt validate prints them', async () => {
    const answer = await dashboard.ask('/api/checks', { headers: { cookie: await dashboard.cookie() } });
    const { passed, checks } = JSON.parse(answer.body);
    expect([passed, checks.length]).toEqual([true, 6]);
    expect(checks[0]).toEqual({
      name: 'ledger-intact',
      table: 'raw.numbers',
      verdict: 'pass',
      expected: '',
      actual: expect.stringContaining('commit'),
      durationMs: 120,
      sql: 'SELECT 1 -- ledger-intact',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });
});

describe('by the keyboard', () => {
  const focused = async () => await page.evaluate<string>('document.activeElement.textContent');

  /** Presses Tab until something with that text has the focus. */
  async function tabTo(text: string): Promise<void> {
    const passed: string[] = [];
    while (passed.length < 40) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (now.includes(text)) return;
      passed.push(now.slice(0, 30));
    }
    throw new Error(`Tab does not come to "${text}", only to: ${passed.join(' | ')}`);
  }

  test('from the skip link to the checks and a run; Enter opens each, Escape leads back', async () => {
    await logIn();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the pipelines');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('20261122t150003-h3mb6g');

    await tabTo('Checks');
    const details = page.locator('details', { hasText: 'words-recomputed' });
    expect(await details.getAttribute('open')).toBeNull();
    await page.keyboard.press('Enter');
    await page.getByText('words-recomputed').waitFor();

    await tabTo('20261122t163155-x7k2ab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'hidden' });
    expect(await focused()).toBe('20261122t163155-x7k2ab');
  });
});

describe('in any width and light', () => {
  const schemes = ['light', 'dark'] as const;

  /** The page as it is now: not wider than a telephone, and readable in both lights, which differ. */
  async function isReadable(what: string): Promise<void> {
    await page.setViewportSize({ width: 360, height: 780 });
    const backgrounds: string[] = [];
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect([what, colorScheme, await overhang(page)]).toEqual([what, colorScheme, 0]);
      expect([what, colorScheme, await faintTexts(page, 4.5)]).toEqual([what, colorScheme, []]);
      backgrounds.push(await pageBackground(page));
    }
    expect([what, new Set(backgrounds).size]).toEqual([what, 2]);
  }

  test('the door, also with a complaint', async () => {
    await page.goto(dashboard.url);
    await isReadable('log in');
    await page.getByLabel('Password').fill('wrong-horse-battery');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the password.').waitFor();
    await isReadable('wrong password');
  });

  test('the overview, everything opened, and a run', async () => {
    await logIn();
    await page.locator('summary', { hasText: 'Checks' }).click();
    await isReadable('overview');
    await page.locator('.runs button').last().click();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await isReadable('a run');
    const sideways = '((dialog) => dialog.scrollWidth - dialog.clientWidth)(document.querySelector("dialog"))';
    expect(await page.evaluate(sideways)).toBe(0);
  }, 60_000);

  test('nobody answers: Trino and Redis down', async () => {
    await logIn();
    await trino.stop();
    await server.kill();
    await page.getByText('Redis is down.').waitFor();
    await page.getByText('Trino is down.').waitFor({ timeout: 30_000 });
    await isReadable('outage');
    // For those that close them.
    await server.start();
    await trino.start();
  }, 120_000);
});
