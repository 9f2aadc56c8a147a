/// <reference lib="dom" />
import type { CheckView, Overview, PipelineView } from '../overview-model.js';
import { chart } from './chart.js';
import { h } from './dom.js';
import { clock, count } from './format.js';
import { pill, stageCard, unknown } from './stage-card.js';
import { cell, table } from './table.js';

/** Everything about one pipeline. */
export function pipelineCard(pipeline: PipelineView, now: number): HTMLElement {
  const tables = pipeline.stages.flatMap(({ table: name }) => (name === null ? [] : [name]));
  const flow = [...(pipeline.topic === null ? [] : [pipeline.topic]), ...tables].join(' → ');
  return h(
    'article',
    { class: 'card pipeline', 'data-key': `pipeline ${pipeline.pipeline}` },
    h('header', {}, h('h2', {}, pipeline.pipeline), h('p', { class: 'flow mono' }, flow)),
    h('div', { class: 'stages' }, ...pipeline.stages.map((stage) => stageCard(stage, now))),
    chart(pipeline),
    positions(pipeline),
    checks(pipeline, now),
  );
}

function positions({ topic, partitions, problem }: PipelineView): HTMLElement | null {
  if (topic === null) return null;
  const open = partitions.filter(({ closed }) => !closed).length;
  const summary = h(
    'summary',
    {},
    'Positions',
    pill(open === 0 ? 'unknown' : `${open} Kafka partitions`, open === 0 ? 'unknown' : 'calm'),
  );
  const number = (value: string | null) => (value === null ? unknown() : count(value));
  const rows = partitions.map((line) => {
    const isOver = line.closed ? 'closed' : null;
    return h(
      'tr',
      {},
      cell('Partition', `${line.partition}${line.closed ? ' (deleted topic)' : ''}`),
      cell('Next to read', line.position === null ? 'not read yet' : count(line.position), 'number'),
      cell('Earliest', isOver ?? number(line.earliest), 'number'),
      cell('End', isOver ?? number(line.end), 'number'),
      cell('Lag', isOver ?? number(line.lag), 'number'),
    );
  });
  const body =
    rows.length > 0
      ? table(['Partition', '#Next to read', '#Earliest', '#End', '#Lag'], rows)
      : h('p', { class: 'muted' }, problem ?? 'Kafka and Trino have not answered yet.');
  return h('details', { class: 'part', open: true }, summary, body);
}

function checks({ stages }: PipelineView, now: number): HTMLElement {
  const all = stages.flatMap(({ verified }) => verified?.checks ?? []);
  const hasFailed = all.some(({ verdict }) => verdict === 'fail');
  const isKnown = stages.every(({ verified }) => verified !== null);
  const tones = { pass: 'good', fail: 'bad', error: 'warn' } as const;
  const rank = { fail: 0, error: 1, pass: 2 };
  const rows = all
    .toSorted((left, right) => rank[left.verdict] - rank[right.verdict])
    .map((check) =>
      h(
        'tr',
        {},
        cell('Table', h('span', { class: 'mono' }, check.table)),
        cell('Check', h('span', { class: 'mono' }, check.name)),
        cell('Verdict', pill(check.verdict, tones[check.verdict])),
        cell('At', clock(check.at, now)),
        cell('Found', h('span', { class: 'found' }, check.actual), 'whole'),
      ),
    );
  const body =
    rows.length > 0
      ? table(['Table', 'Check', 'Verdict', 'At', 'Found'], rows)
      : h('p', { class: 'muted' }, 'Every run is checked when it ends. Now, by hand: ', h('code', {}, 'elt validate'));
  return h(
    'details',
    { class: 'part', open: hasFailed },
    h('summary', {}, 'Checks', isKnown ? summaryOf(all) : pill('unknown', 'unknown')),
    body,
  );
}

function summaryOf(checks: readonly CheckView[]): HTMLElement {
  const count = (wanted: CheckView['verdict']) => checks.filter(({ verdict }) => verdict === wanted).length;
  if (checks.length === 0) return pill('none yet', 'calm');
  if (count('fail') > 0) return pill(`${count('fail')} failed`, 'bad');
  return count('error') > 0 ? pill(`${count('error')} unanswered`, 'warn') : pill(`${checks.length} passed`, 'good');
}

/** Who does not answer, and what that means for what is shown. */
export function sourceNotices({ sources, runsAsOf, runs }: Overview, now: number): readonly HTMLElement[] {
  return sources
    .filter(({ isUp }) => isUp === false)
    .map(({ name, message }) => {
      const stale =
        name !== 'Redis'
          ? ' What it knows is shown as unknown.'
          : runs === null
            ? ''
            : ` The runs below are as of ${clock(runsAsOf ?? '', now)} UTC.`;
      const text = `${(message ?? 'It does not answer').replace(/[.\s]+$/, '')}.${stale} Trying again.`;
      return h(
        'p',
        { class: name === 'Redis' ? 'notice bad' : 'notice', role: 'alert', 'data-key': `source ${name}` },
        h('strong', {}, `${name} is down. `),
        text,
      );
    });
}
