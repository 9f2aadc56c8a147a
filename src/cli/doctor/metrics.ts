import fetch from 'node-fetch';
import type { Config } from '../../commons/config.js';
import { type Finding, finding, ok } from './finding.js';

/** Whether anybody hears the metrics. UDP does not tell; Telegraf's page, at the other end, does. */
export async function metricsFindings({ metrics }: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  const { statsd, telegraf } = metrics;
  if (statsd === undefined) return [ok('metrics', 'off (metrics.statsd is not set): elt stack up --with metrics')];
  if (telegraf === undefined) {
    return [ok('metrics', `sent to ${statsd}; without metrics.telegraf nobody can tell whether they arrive`)];
  }
  const page = await pageOf(telegraf, signal);
  if (page instanceof Error) {
    const detail = `sent to ${statsd}, but Telegraf at ${telegraf} does not answer: ${page.message}`;
    return [finding('warning', 'metrics', detail, 'Runs go on without them. Start it: elt stack up --with metrics')];
  }
  if (/^elt_workers_alive\{/m.test(page)) return [ok('metrics', `sent to ${statsd}, seen at ${telegraf}`)];
  const detail = `Telegraf at ${telegraf} answers and has heard of no elt worker in the last minute`;
  const fix = `Start an elt worker; if one runs: does StatsD listen at ${statsd}, and pass on to Telegraf? elt stack status`;
  return [finding('warning', 'metrics', detail, fix)];
}

async function pageOf(url: string, signal: AbortSignal): Promise<string | Error> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
    return answer.ok ? await answer.text() : new Error(`HTTP ${answer.status}`);
  } catch (error) {
    const { cause, message } = error as Error;
    return new Error(cause instanceof Error ? cause.message : message);
  }
}
