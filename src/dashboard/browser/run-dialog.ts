/// <reference lib="dom" />
import type { RunReport } from '../../pipeline/run.js';
import type { RunLogEntry } from '../../pipeline/run-log.js';
import { ask, post, type SessionInfo } from './api.js';
import { h, patchChildren } from './dom.js';
import { clock, count, toneOf } from './format.js';
import { pill } from './stage-card.js';

interface OneRun {
  readonly runs: readonly RunReport[];
  readonly log: readonly RunLogEntry[];
}

/** Shows everything about one run, and goes on while it is open. Escape closes it; focus goes back to where it was. */
export async function openRun(dialog: HTMLDialogElement, runId: string, session: SessionInfo): Promise<void> {
  dialog.dataset['run'] = runId;
  patchChildren(
    dialog,
    h('div', {}, h('h2', { id: 'run-title' }, runId), h('p', { class: 'muted' }, 'asking…'), buttons(null, session)),
  );
  if (!dialog.open) dialog.showModal();
  while (dialog.open && dialog.dataset['run'] === runId) {
    await show(dialog, runId, session);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

async function show(dialog: HTMLDialogElement, runId: string, session: SessionInfo): Promise<void> {
  try {
    const { runs, log } = await ask<OneRun>(`/api/runs/${encodeURIComponent(runId)}`);
    if (dialog.dataset['run'] === runId) patchChildren(dialog, content(runs[0] as RunReport, log, session));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    patchChildren(
      dialog,
      h(
        'div',
        {},
        h('h2', { id: 'run-title' }, runId),
        h('p', { class: 'notice bad' }, message),
        buttons(null, session),
      ),
    );
  }
}

function content(run: RunReport, log: readonly RunLogEntry[], session: SessionInfo): HTMLElement {
  const fact = (name: string, value: string | Node | null) =>
    value === null ? [] : [h('dt', {}, name), h('dd', {}, value)];
  const verified =
    run.verified === true ? 'yes' : run.verified === false ? 'NO' : run.verified === null ? 'not yet' : 'unknown';
  return h(
    'div',
    {},
    h('h2', { id: 'run-title' }, `${run.stage} ${run.pipeline}`),
    h('div', { class: 'row' }, pill(run.state, toneOf(run.state)), h('span', { class: 'mono muted' }, run.runId)),
    h(
      'dl',
      { class: 'facts' },
      ...fact('rows', run.rows === null ? 'unknown' : count(run.rows)),
      ...fact('verified', verified),
      ...fact('driver', run.submissionId),
      ...fact('newest snapshot', run.snapshotIds.at(-1) ?? null),
      ...fact('error', run.error === null ? null : `${run.error.message} (${run.error.code})`),
    ),
    h('h3', {}, 'What happened'),
    log.length === 0
      ? h('p', { class: 'muted' }, 'Nothing was written down.')
      : h('ol', { class: 'log' }, ...log.map(entry)),
    buttons(run, session),
  );
}

function entry({ at, what, evidence, attempt }: RunLogEntry): HTMLElement {
  const bad = /failed|lost|fenced|kill|unreachable/.test(what);
  const tone = bad ? 'bad' : /succeeded|verified|adopted/.test(what) ? 'good' : '';
  const number = attempt > 1 ? ` · attempt ${attempt}` : '';
  return h(
    'li',
    { class: tone || null },
    h(
      'div',
      { class: 'row' },
      h('strong', {}, what),
      h('span', { class: 'muted' }, `${clock(at, Date.now())} UTC${number}`),
    ),
    evidence === '' ? null : h('div', { class: 'evidence' }, evidence),
  );
}

function buttons(run: RunReport | null, { isReadOnly }: SessionInfo): HTMLElement {
  const mayStop = run !== null && run.endedAt === null && !isReadOnly;
  return h(
    'div',
    { class: 'row end' },
    mayStop && h('button', { type: 'button', class: 'danger', 'data-stop': run.runId }, 'Stop this run'),
    h('button', { type: 'button', class: 'plain', 'data-close': true }, 'Close'),
  );
}

/** The same as `elt stop`: the driver finishes or leaves out the batch in hand. */
export async function stopRun(button: HTMLButtonElement, session: SessionInfo): Promise<void> {
  const runId = button.dataset['stop'] ?? '';
  if (!window.confirm(`Stop ${runId}? The batch in hand is finished or left out; the next run goes on from there.`))
    return;
  button.disabled = true;
  await post(`/api/runs/${encodeURIComponent(runId)}/stop`, session).catch((error: Error) =>
    window.alert(error.message),
  );
}
