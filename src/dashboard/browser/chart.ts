/// <reference lib="dom" />
import type { PipelineView, RowsPerMinute } from '../overview-model.js';
import { h, s } from './dom.js';
import { count } from './format.js';

const height = 64;
const step = 10;

/** Rows per minute of the last hour: one row of bars for each table, each on its own scale. */
export function chart({ perMinute, minute }: PipelineView): HTMLElement {
  const title = h('h3', {}, 'Rows per minute');
  if (minute === null) {
    return h(
      'div',
      { class: 'part chart' },
      title,
      h('p', { class: 'muted' }, 'Shown as soon as there is a table and Trino answers.'),
    );
  }
  const rows = perMinute.map((one, index) => bars(one, Date.parse(minute), index === 0 ? 'raw' : 'silver'));
  return h('div', { class: 'part chart' }, title, h('div', { class: 'pair' }, ...rows));
}

function bars({ table, rows }: RowsPerMinute, lastMinute: number, kind: string): HTMLElement {
  const known = rows.filter((one): one is number => one !== null);
  const most = Math.max(1, ...known);
  const sum = known.reduce((total, one) => total + one, 0);
  const start = lastMinute - (rows.length - 1) * 60_000;
  const isPartial = known.length < rows.length;
  const words =
    known.length === 0
      ? 'unknown'
      : `${count(sum)} in an hour${isPartial ? ', the rest unknown' : ''}, at most ${count(Math.max(0, ...known))} a minute`;
  const time = (at: number) => new Date(at).toISOString().slice(11, 16);
  return h(
    'figure',
    { class: kind, 'data-key': table },
    h('figcaption', {}, h('span', { class: 'mono' }, table), h('span', { class: 'muted' }, words)),
    s(
      'svg',
      {
        viewBox: `0 0 ${rows.length * step} ${height}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': `${table}: ${words}`,
      },
      ...rows.map((value, index) => bar(value, index, most, time(start + index * 60_000))),
    ),
    h('div', { class: 'axis' }, h('span', {}, `${time(start)} UTC`), h('span', {}, `${time(lastMinute)} UTC`)),
  );
}

function bar(value: number | null, index: number, most: number, time: string): SVGElement {
  const tall = value === null ? height : value === 0 ? 1 : Math.max(3, (value / most) * height);
  const kind = value === null ? 'gone' : value === 0 ? 'none' : 'rows';
  const place = { x: index * step + 1, y: height - tall, width: step - 2, height: tall };
  return s(
    'rect',
    { class: kind, rx: 1, ...place },
    s('title', {}, `${time}: ${value === null ? 'unknown' : `${count(value)} rows`}`),
  );
}
