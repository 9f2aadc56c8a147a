/// <reference lib="dom" />
import type { Overview, RunView } from '../overview-model.js';
import { h } from './dom.js';
import { clock, count, duration, toneOf } from './format.js';
import { pill, runButton, unknown, verdictMark } from './stage-card.js';
import { cell, table } from './table.js';

const headings = ['Run', 'Stage', 'Pipeline', 'State', '#Rows', '#Rejects', 'Started', '#Took', 'Verified'];

/** The newest runs, or how to start the first. */
export function runsCard({ runs, pipelines }: Overview, now: number): HTMLElement {
  if (runs === null) return card(h('p', { class: 'muted' }, 'The runs are ', unknown(), ' until Redis answers.'));
  if (runs.length > 0)
    return card(
      table(
        headings,
        runs.map((run) => line(run, now)),
      ),
    );
  const command = pipelines.length > 1 ? `elt run extract ${pipelines[0]?.pipeline}` : 'elt run extract';
  return h(
    'section',
    { class: 'card empty', 'data-key': 'runs', 'aria-label': 'Latest runs' },
    h('p', { class: 'big' }, 'Nothing has run yet'),
    h('p', { class: 'muted' }, 'The first run brings the topic into RAW:'),
    h('p', {}, h('code', { class: 'command' }, command)),
  );
}

function card(content: HTMLElement): HTMLElement {
  return h('section', { class: 'card runs', 'data-key': 'runs' }, h('h2', {}, 'Latest runs'), content);
}

function line(run: RunView, now: number): HTMLElement {
  const number = (value: number | null) => (value === null ? unknown() : count(value));
  const tookMs =
    run.durationMs ?? (run.startedAt === null || run.endedAt !== null ? null : now - Date.parse(run.startedAt));
  return h(
    'tr',
    { 'data-key': run.runId },
    cell('Run', runButton(run.runId), 'whole'),
    cell('Stage', run.stage),
    cell('Pipeline', run.pipeline),
    cell('State', pill(run.phase, toneOf(run.phase))),
    cell('Rows', number(run.rows), 'number'),
    cell('Rejects', run.stage === 'transform' ? number(run.rejects) : '–', 'number'),
    cell('Started', run.startedAt === null ? 'not yet' : clock(run.startedAt, now)),
    cell('Took', tookMs === null ? '–' : duration(tookMs / 1000), 'number'),
    cell('Verified', verdictMark(run.verified, 'not yet')),
  );
}
