/// <reference lib="dom" />
import type { Verified } from '../../pipeline/run.js';
import type { RunView, StageView, VerifiedView } from '../overview-model.js';
import { h } from './dom.js';
import { ago, clock, count, duration, type Tone, toneOf } from './format.js';

export function pill(text: string, tone: Tone): HTMLElement {
  return h('span', { class: `pill ${tone}` }, text);
}

export function unknown(): HTMLElement {
  return h('span', { class: 'unknown' }, 'unknown');
}

/** One stage of a pipeline. `hasRun`: whether anything has ever run. */
export function stageCard(stage: StageView, now: number): HTMLElement {
  const isWide = stage.stage === 'maintain';
  return h(
    'section',
    { class: isWide ? 'stage wide' : 'stage', 'data-key': stage.stage, 'aria-label': stage.stage },
    h('header', {}, h('h3', {}, stage.stage), statePill(stage), workersNote(stage)),
    isWide ? null : figures(stage),
    isWide ? null : facts(stage, now),
    isWide && (stage.active ?? stage.last) !== null ? h('dl', { class: 'facts' }, ...runFact(stage, now)) : null,
    problemNote(stage),
  );
}

function statePill({ phase, last }: StageView): HTMLElement {
  if (phase === null) return pill('unknown', 'unknown');
  if (phase !== 'idle') return pill(phase, toneOf(phase));
  if (last === null) return pill('idle', 'calm');
  return pill(`idle, last run ${last.state}`, last.state === 'succeeded' ? 'calm' : toneOf(last.state));
}

function workersNote({ workers, active }: StageView): HTMLElement | null {
  if (workers !== 0) return null;
  const tone = active === null ? 'calm' : 'warn';
  return pill('no elt worker', tone);
}

function figures(stage: StageView): HTMLElement {
  const { active, rowsPerSecond, lag, timeToLossSeconds, isLostByAge, tableRows, hasTable } = stage;
  const rate =
    active === null
      ? quiet(stage.phase === null ? null : 'no run')
      : figure(rowsPerSecond === null ? null : count(rowsPerSecond), active);
  const loss =
    lag === '0'
      ? quiet('nothing unread')
      : isLostByAge === false
        ? quiet('not by age')
        : figure(timeToLossSeconds === null ? null : duration(timeToLossSeconds));
  return h(
    'dl',
    { class: 'figures' },
    ...named('rows/s', rate),
    ...named(
      stage.stage === 'extract' ? 'lag (records)' : 'lag (rows of RAW)',
      figure(lag === null ? null : count(lag)),
    ),
    ...(stage.stage === 'extract' ? named('time to loss', loss) : []),
    ...named(
      'rows in table',
      hasTable === false ? quiet('no table yet') : figure(tableRows === null ? null : count(tableRows)),
    ),
  );
}

function named(name: string, value: HTMLElement): readonly HTMLElement[] {
  return [h('div', {}, h('dt', {}, name), value)];
}

function figure(text: string | null, active: RunView | null = null): HTMLElement {
  if (text !== null) return h('dd', {}, text);
  return active === null ? h('dd', { class: 'unknown' }, 'unknown') : quiet('no commit yet');
}

function quiet(text: string | null): HTMLElement {
  return text === null ? h('dd', { class: 'unknown' }, 'unknown') : h('dd', { class: 'quiet' }, text);
}

function facts(stage: StageView, now: number): HTMLElement {
  const rows = stage.lastCommitAt;
  const lastRows =
    rows !== null
      ? h('dd', { title: rows }, ago(rows, now))
      : h('dd', {}, stage.hasTable === null ? unknown() : 'none known');
  return h(
    'dl',
    { class: 'facts' },
    ...runFact(stage, now),
    h('dt', {}, 'last rows'),
    lastRows,
    h('dt', {}, 'verified'),
    verifiedFact(stage.verified, now),
  );
}

function runFact({ active, last, phase }: StageView, now: number): readonly HTMLElement[] {
  const run = active ?? last;
  const name = h('dt', {}, active === null ? 'last run' : 'run');
  if (run === null) return [name, h('dd', {}, phase === null ? unknown() : 'none')];
  const since = active === null ? (run.endedAt ?? run.requestedAt) : (run.startedAt ?? run.requestedAt);
  const when = active === null ? `ended ${ago(since, now)}` : `for ${duration((now - Date.parse(since)) / 1000)}`;
  return [name, h('dd', {}, runButton(run.runId), ` ${run.mode}, ${when}`)];
}

export function runButton(runId: string): HTMLElement {
  return h('button', { type: 'button', class: 'open', 'data-run': runId, 'aria-haspopup': 'dialog' }, runId);
}

function verifiedFact(verified: VerifiedView | null, now: number): HTMLElement {
  if (verified === null) return h('dd', {}, unknown());
  const { verdict, snapshotId, verifiedAt } = verified;
  const snapshot = snapshotId === null ? '' : ` snapshot ${snapshotId}`;
  const when = verifiedAt === null ? '' : `, ${clock(verifiedAt, now)}`;
  return h('dd', {}, verdictMark(verdict, 'no run yet'), h('span', { class: 'muted' }, `${snapshot}${when}`));
}

/** A verdict in words and colour; `none` where nothing was verified so far. */
export function verdictMark(verdict: Verified, none: string): HTMLElement | string {
  if (verdict === null) return none;
  if (verdict === 'unknown') return pill('unknown', 'unknown');
  return verdict ? pill('yes', 'good') : pill('NO', 'bad');
}

/** What the run waits for, or why the last one did not end well. */
function problemNote({ active, last, verified }: StageView): HTMLElement | null {
  if (active !== null) return active.notice === null ? null : h('p', { class: 'notice' }, active.notice);
  if (last?.error != null) return h('p', { class: 'notice bad' }, last.error.message);
  return verified?.verdict === false && verified.reason !== null
    ? h('p', { class: 'notice bad' }, verified.reason)
    : null;
}
