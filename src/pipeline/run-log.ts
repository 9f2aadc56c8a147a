/** The audit log of a run: what happened to it when, and what that was concluded from. Written with the state change itself. Pure. */
import { isFinal, type Run } from './run.js';

/** One line of a run's log. */
export interface RunLogEntry {
  /** ISO 8601 UTC, by the clock of the elt process that wrote it. */
  readonly at: string;
  readonly attempt: number;
  /** `queued`, `submitting`, `submitted`, `adopted`, `running`, `stop requested`, `attempt failed`, a final state, `verified`… */
  readonly what: string;
  /** What was seen: Spark's words, the table's claim, who did not answer, the driver's last word. */
  readonly evidence: string;
}

/** What whoever writes a run knows beyond its record: what this change is to be called, and what it was concluded from. */
export interface Finding {
  readonly what?: string;
  readonly evidence: string;
}

/** Longer evidence is cut. */
const mostCharacters = 1_000;

type Happening = readonly [what: string, evidence: string | null];

/** The entries that a change of a run's record is worth; none for mere progress. */
export function entriesOf(before: Run | null, after: Run, at: string, finding?: Finding): readonly RunLogEntry[] {
  const happenings = before === null ? [created(after, finding)] : changes(before, after, finding);
  const attempt = before?.attempt ?? after.attempt;
  return happenings.map(([what, evidence]) => {
    return { at, attempt, what, evidence: (evidence ?? '').slice(0, mostCharacters) };
  });
}

function created(run: Run, finding: Finding | undefined): Happening {
  return [finding?.what ?? run.state, finding?.evidence ?? `${run.mode} run of ${run.table} by ${run.submitter}`];
}

function changes(before: Run, after: Run, finding: Finding | undefined): readonly Happening[] {
  const found: Happening[] = [...requests(before, after), ...driver(before, after)];
  const conclusion = transition(before, after, finding);
  if (conclusion !== null) found.push(conclusion);
  if (found.length === 0 && finding !== undefined) found.push([finding.what ?? after.state, finding.evidence]);
  if (found.length === 0 && isNews(before.notice, after.notice)) found.push(['waits', after.notice]);
  return found;
}

function requests(before: Run, after: Run): readonly Happening[] {
  const found: Happening[] = [];
  const isNew = (key: 'stopRequestedAt' | 'killRequestedAt' | 'killSentAt') =>
    after[key] !== null && after[key] !== before[key];
  if (isNew('stopRequestedAt')) found.push(['stop requested', 'elt stop or --restart']);
  if (isNew('killRequestedAt')) found.push(['kill requested', 'elt kill']);
  if (isNew('killSentAt')) found.push(['kill sent', `to ${after.submissionId}`]);
  return found;
}

function driver(before: Run, after: Run): readonly Happening[] {
  if (before.attempt !== after.attempt) return [];
  const found: Happening[] = [];
  const isSeen = after.submissionId !== null && before.submissionId === after.submissionId;
  if (isSeen && before.driverState !== after.driverState) {
    const now = after.driverState === null ? 'nobody has the driver' : `Spark says ${after.driverState.toUpperCase()}`;
    found.push(['driver state', `${now}, before ${before.driverState?.toUpperCase() ?? 'unknown'}`]);
  }
  if (before.logAddress === null && after.logAddress !== null)
    found.push(['driver found', `log at ${after.logAddress}`]);
  if (before.unreachableSince === null && after.unreachableSince !== null)
    found.push([after.state === 'running' ? 'unreachable' : 'waits', after.notice]);
  if (before.unreachableSince !== null && after.unreachableSince === null && after.state === 'running') {
    found.push(['reachable again', `silent since ${before.unreachableSince}`]);
  }
  return found;
}

/** A change of state, attempt, submission or verdict. */
function transition(before: Run, after: Run, finding: Finding | undefined): Happening | null {
  if (before.attempt !== after.attempt) return ['attempt failed', joined(after.notice, finding?.evidence)];
  if (before.state !== after.state) return [finding?.what ?? wordOf(after), joined(reasonOf(after), finding?.evidence)];
  if (before.submitTriedAt === null && after.submitTriedAt !== null) {
    return [finding?.what ?? 'create sent', finding?.evidence ?? 'from now on a driver of this attempt may exist'];
  }
  if (before.submitTriedAt !== null && after.submitTriedAt === null) {
    return [finding?.what ?? 'no driver', joined(after.notice, finding?.evidence)];
  }
  if (before.verified === after.verified) return null;
  return ['verified', joined(String(after.verified), after.verificationReason)];
}

function wordOf(after: Run): string {
  return after.state === 'running' ? 'submitted' : after.state;
}

function reasonOf(after: Run): string | null {
  if (isFinal(after.state)) return after.error === null ? null : `${after.error.message} (${after.error.code})`;
  return after.state === 'running' ? after.submissionId : null;
}

/** The same words with other numbers (free cores, seconds) are no news. */
function isNews(before: string | null, after: string | null): boolean {
  return after !== null && masked(before) !== masked(after);
}

function masked(notice: string | null): string | null {
  return notice?.replace(/\d+/g, '#') ?? null;
}

function joined(...parts: readonly (string | null | undefined)[]): string {
  return parts.filter((part) => part !== null && part !== undefined && part !== '').join('; ');
}
