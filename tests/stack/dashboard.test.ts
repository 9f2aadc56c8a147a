import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Overview } from '../../src/dashboard/overview-model.js';
import { keepPictures, openBrowser } from '../dashboard/browser.js';
import { Line, until } from './harness.js';

describe('the dashboard on the real line', () => {
  let line: Line;
  let browser: Browser;
  let url: string;
  let dashboard: ReturnType<Line['start']>;

  beforeAll(async () => {
    line = await Line.open('dash');
    await line.produce(
      Array.from({ length: 300 }, (_, index) => ({ value: index % 30 === 7 ? 'seven' : String(index) })),
    );
    expect((await line.run('extract')).report).toMatchObject({ rows: 300, verified: true });
    expect((await line.run('transform')).report).toMatchObject({ rows: 290, rejects: 10, verified: true });
    dashboard = line.start(['dashboard', '--port', '0', '-o', 'json']);
    let text = '';
    dashboard.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await until('the dashboard tells its address', async () => text.includes('"url"'));
    url = JSON.parse(text).url;
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    dashboard?.kill('SIGTERM');
    await dashboard;
    await line.close();
  });

  const get = async (path: string) => await (await fetch(`${url}${path}`)).json();
  const elt = async (...args: string[]) => JSON.parse(String((await line.elt([...args, '-o', 'json'])).stdout));

  test('says what the command line says', async () => {
    expect(await get('api/pipelines')).toEqual(await elt('offsets', 'show'));
    const { runs } = await elt('status');
    expect(await get('api/status')).toEqual({ runs });
    expect(await get(`api/runs/${runs[0].runId}`)).toEqual(await elt('status', runs[0].runId));
    const checks = (await get('api/checks')) as { passed: boolean; checks: { table: string }[] };
    const validation = (await elt('validate')) as typeof checks;
    expect(Object.keys(checks)).toEqual(Object.keys(validation));
    const keys = [...Object.keys(validation.checks[0] ?? {}), 'at'];
    for (const check of checks.checks) expect(Object.keys(check)).toEqual(keys);
    expect(checks.passed).toBe(true);
    expect(new Set(checks.checks.map(({ table }) => table))).toEqual(new Set([line.raw, line.silver, line.rejects]));
  });

  test('shows what is in the tables', async () => {
    await until(
      'Trino and Kafka have answered',
      async () => ((await get('api/overview')) as Overview).pipelines[0]?.minute !== null,
    );
    const overview = (await get('api/overview')) as Overview;
    const [extract, transform] = overview.pipelines[0]?.stages ?? [];
    expect(extract).toMatchObject({
      phase: 'idle',
      tableRows: '300',
      lag: '0',
      hasTable: true,
      verified: { verdict: true },
    });
    expect(transform).toMatchObject({ tableRows: '290', lag: '0', verified: { verdict: true } });
    const sums = overview.pipelines[0]?.perMinute.map(({ rows }) =>
      rows.reduce<number>((sum, one) => sum + (one ?? 0), 0),
    );
    expect(sums).toEqual([300, 290]);
    expect(overview.sources.map(({ isUp }) => isUp)).toEqual([true, true, true]);
  });

  test('and so does its page', async () => {
    const page = await browser.newPage();
    await page.goto(url);
    await page.getByRole('region', { name: 'extract' }).getByText('300', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'transform' }).getByText('290', { exact: true }).waitFor();
    expect(await page.locator('td[data-label=Lag]').allTextContents()).toEqual(['0', '0', '0']);
    await keepPictures(page, 'real');
    await page.close();
  });
});
