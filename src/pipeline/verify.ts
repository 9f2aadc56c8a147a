/** The story of a verification: what came since the last verified snapshots, judged by the stage's checks, through Trino only. */
import { EltError } from '../commons/errors.js';
import type { TrinoClient } from '../trino/client.js';
import { since } from '../trino/ledger-queries.js';
import { type CheckResult, newEntries, type Subject, type Target } from './check.js';
import { isRecovered, replacesAll, takesBack } from './ledger-facts.js';
import { type CheckOutcome, type CheckSources, runChecks } from './run-checks.js';
import { type Baselines, noBaselines, readSubject, type StageUnderCheck } from './subject.js';
import { type BaselineStore, baselineOf } from './verified-baseline.js';

export interface Verification {
  /** `unknown`: it could not be answered now (Trino down, say); the next verification covers it too. */
  readonly verified: boolean | 'unknown';
  /** What was looked at: the rows since the last verified snapshots, or all rows because there was no baseline to go on from. */
  readonly scope: 'increment' | 'full';
  readonly checks: readonly CheckResult[];
  /** Why it is `unknown` or `false`; null otherwise. */
  readonly reason: string | null;
}

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Verifies what a stage's tables gained since the last verified snapshots, and remembers the new ones when all is well.
 * Never throws for a Trino that is down or slow: that is `unknown`. Throws for an abort and for the store's own failures.
 */
export async function verifyIncrement(
  trino: TrinoClient,
  store: BaselineStore,
  stage: StageUnderCheck,
  { signal }: VerifyOptions = {},
): Promise<Verification> {
  const baselines = await readBaselines(store, stage);
  let scope: Verification['scope'] = 'increment';
  try {
    const read = await readSubject(trino, stage, baselines, { signal });
    const gone = stage.checked.filter((role) => read[role] === null && baselines[role] !== null);
    if (gone.length > 0) return dropped(gone.map((role) => String(stage.tables[role])));
    // A stage's tables go on from their baselines together or, where one cannot, are all checked in full.
    scope = targetsOf(read).every(goesOn) ? 'increment' : 'full';
    const isWhole = scope === 'increment' || targetsOf(read).every(({ baseline }) => baseline === null);
    const subject = isWhole ? read : await readSubject(trino, stage, noBaselines, { signal });
    const outcome = await runChecks(stage.checks, subject, { trino, topicOffsets: null, signal });
    const verification = conclude(outcome, scope);
    if (verification.verified === true) await remember(store, subject);
    return verification;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof EltError)) throw error;
    return { verified: 'unknown', scope, checks: [], reason: error.message };
  }
}

export interface Validation extends CheckOutcome {
  /** Tables of the stage that do not exist (yet): nothing of them was checked. */
  readonly missing: readonly string[];
}

/** All checks of a stage on all rows, for `elt validate`. Throws EltError `unreachable` when Trino is down. */
export async function validateStage(stage: StageUnderCheck, sources: CheckSources): Promise<Validation> {
  const subject = await readSubject(sources.trino, stage, noBaselines, { signal: sources.signal });
  const topicOffsets = stage.topic === null ? null : sources.topicOffsets;
  const outcome = await runChecks(stage.checks, subject, { ...sources, topicOffsets });
  const missing = stage.checked.filter((role) => subject[role] === null).map((role) => String(stage.tables[role]));
  return { ...outcome, missing };
}

async function readBaselines(store: BaselineStore, { checked, tables }: StageUnderCheck): Promise<Baselines> {
  const entries = checked.map(async (role) => {
    const table = tables[role];
    return [role, table === null ? null : await store.read(table)] as const;
  });
  return { ...noBaselines, ...Object.fromEntries(await Promise.all(entries)) };
}

/** The stage's tables that exist. */
function targetsOf(subject: Subject): readonly Target[] {
  return subject.checked.map((role) => subject[role]).filter((target) => target !== null);
}

/** The baseline is still an ancestor, and nothing verified before it was rewritten since. */
function goesOn(target: Target): boolean {
  const { baseline, ledger } = target;
  if (baseline === null || since(ledger, baseline.snapshotId) === null) return false;
  return !newEntries(target).some((entry) => replacesAll(entry) || takesBack(entry) || isRecovered(entry));
}

function conclude({ results, error }: CheckOutcome, scope: Verification['scope']): Verification {
  const failed = results.filter((result) => result.verdict === 'fail');
  const reason = failed.map(({ name, table, actual }) => `${name} on ${table}: ${actual}`).join('\n') || null;
  if (reason !== null) return { verified: false, scope, checks: results, reason };
  if (error !== null) return { verified: 'unknown', scope, checks: results, reason: error.message };
  return { verified: true, scope, checks: results, reason: null };
}

function dropped(tables: readonly string[]): Verification {
  const reason = `${tables.join(', ')} was verified before and does not exist any more`;
  return { verified: false, scope: 'increment', checks: [], reason };
}

async function remember(store: BaselineStore, subject: Subject): Promise<void> {
  for (const { table, ledger } of targetsOf(subject)) {
    const baseline = baselineOf(ledger);
    if (baseline !== null) await store.write(table, baseline);
  }
}
