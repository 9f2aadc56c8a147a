/// <reference lib="dom" />
import { h } from './dom.js';

/** A table that turns into cards on narrow screens. A heading that starts with # is of a column of numbers. */
export function table(headings: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  const cells = headings.map((heading) =>
    h('th', { scope: 'col', class: heading.startsWith('#') && 'number' }, heading.replace('#', '')),
  );
  return h(
    'div',
    { class: 'scroll' },
    h('table', { class: 'stacked' }, h('thead', {}, h('tr', {}, ...cells)), h('tbody', {}, ...rows)),
  );
}

export function cell(label: string, content: Node | string, kind = ''): HTMLElement {
  return h('td', { 'data-label': label, class: kind || null }, content);
}
