/** A run for people: the line that is redrawn, the lines elsewhere, the summary. Pure. */
import type { Run } from '../pipeline/run.js';
import { phase, rowsPerSecond } from '../pipeline/run-phase.js';
import { stopOutcomeText } from '../pipeline/stop-outcome.js';

/** `extract numbers  running  12,345 rows  1,234 rows/s  lag 0  3 commits  0:12`. */
export function progressLine(run: Run, now: Date): string {
  const { rows, rejects, commits, lag } = run.progress;
  const rate = rowsPerSecond(run);
  const parts = [
    `${run.stage} ${run.pipeline}`,
    phase(run),
    rows === null || run.stage === 'maintain' ? '' : `${count(rows)} rows`,
    lastStep(run),
    rejects === null || rejects === 0 ? '' : `${count(rejects)} rejects`,
    rate === null ? '' : `${count(Math.round(rate))} rows/s`,
    lag === null ? '' : `lag ${count(lag)}`,
    commits === 0 ? '' : `${commits} ${commits === 1 ? 'commit' : 'commits'}`,
    elapsed(now.getTime() - Date.parse(run.startedAt ?? run.requestedAt)),
    rate === null || !lag || run.mode === 'follow' ? '' : `about ${elapsed((lag / rate) * 1000)} left`,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

/** How a run ended, one fact per line. */
export function summaryLines(run: Run): readonly string[] {
  const { rows, rejects, commits, snapshotIds, lag } = run.progress;
  const tookMs =
    run.endedAt === null || run.startedAt === null ? null : Date.parse(run.endedAt) - Date.parse(run.startedAt);
  const rate = rowsPerSecond(run);
  const facts = [
    [
      'rows',
      run.stage === 'maintain'
        ? ''
        : rows === null
          ? 'unknown'
          : count(rows) + (rate === null ? '' : ` (${count(Math.round(rate))} rows/s)`),
    ],
    ['rejects', run.stage === 'transform' ? (rejects === null ? 'unknown' : count(rejects)) : ''],
    ['commits', commits === 0 ? '' : `${commits}, newest snapshot ${snapshotIds.at(-1) ?? 'unknown'}`],
    ['lag', lag === null ? '' : count(lag)],
    ['driver', run.submissionId ?? 'none: there was nothing to read'],
    ['end', stopOutcomeText(run) ?? ''],
    ['verified', verifiedText(run)],
  ];
  return [
    `${run.stage} ${run.pipeline} ${run.runId} ${run.state}${tookMs === null ? '' : ` in ${seconds(tookMs)}`}`,
    ...facts.filter(([, value]) => value !== '').map(([name, value]) => `  ${(name as string).padEnd(10)}${value}`),
  ];
}

/** What MAINTAIN did last: `raw.numbers compact`. */
function lastStep({ progress }: Run): string {
  const last = progress.maintenance?.at(-1);
  return last === undefined ? '' : `${last.table} ${last.step}`;
}

export function verifiedText(run: Run): string {
  if (run.verified === null) return '';
  const reason = run.verificationReason === null ? '' : `: ${run.verificationReason}`;
  return run.verified === 'unknown' ? `unknown${reason}` : run.verified ? 'yes' : `NO${reason}`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `0:12`, `1:02:03`. */
export function elapsed(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function seconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : elapsed(ms);
}
