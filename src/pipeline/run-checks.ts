import { EltError } from '../commons/errors.js';
import type { TopicOffsets } from '../kafka/lag.js';
import type { TrinoClient } from '../trino/client.js';
import { failureOf } from '../trino/failure.js';
import { ledgerSql } from '../trino/ledger-queries.js';
import { type Check, type CheckResult, newSnapshots, type Subject, type Target, type Verdict } from './check.js';

/** Where checks get their answers from. */
export interface CheckSources {
  readonly trino: TrinoClient;
  /** Offsets of the pipeline's topic; null where topic checks are left out. */
  readonly topicOffsets: (() => Promise<TopicOffsets>) | null;
  readonly signal?: AbortSignal | undefined;
  /** Called before each check, for progress. */
  readonly onCheck?: ((name: string, table: string) => void) | undefined;
}

export interface CheckOutcome {
  readonly results: readonly CheckResult[];
  /** Why a check could not be answered; null when all were. */
  readonly error: EltError | null;
}

/** Statements at a time: each waits mostly for Trino's own overhead. */
const parallelChecks = 4;

/**
 * Runs every check on every table it applies to; results come in the order of the checks.
 * A check that cannot be answered becomes verdict `error`; only an unreachable Trino (or an abort) ends it all by throwing.
 */
export async function runChecks(
  checks: readonly Check[],
  subject: Subject,
  sources: CheckSources,
): Promise<CheckOutcome> {
  const waiting = [...pairs(checks, subject).entries()];
  const answers: (Answer | null)[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { check, target }] = next;
      sources.onCheck?.(check.name, target.table);
      answers[index] = await runCheck(check, target, subject, sources);
    }
  };
  await Promise.all(Array.from({ length: parallelChecks }, work));
  const answered = answers.filter((answer) => answer !== null);
  return {
    results: answered.map((answer) => answer.result),
    error: answered.map((answer) => answer.error).reduce(worse, null),
  };
}

interface Answer {
  readonly result: CheckResult;
  readonly error: EltError | null;
}

/** That something is down explains more than anything else. */
function worse(known: EltError | null, next: EltError | null): EltError | null {
  return known === null || (known.code !== 'unreachable' && next?.code === 'unreachable') ? (next ?? known) : known;
}

/** A table without a new snapshot since its baseline has no new rows to ask for. */
function pairs(checks: readonly Check[], subject: Subject): { check: Check; target: Target }[] {
  const targets = subject.checked.map((role) => subject[role]).filter((target) => target !== null);
  return targets.flatMap((target) => {
    const hasNews = target.baseline === null || newSnapshots(target).length > 0;
    const applying = checks.filter((check) => check.on.includes(target.role) && (hasNews || check.kind === 'ledger'));
    return applying.map((check) => ({ check, target }));
  });
}

async function runCheck(check: Check, target: Target, subject: Subject, sources: CheckSources): Promise<Answer | null> {
  const sql = check.kind === 'rows' ? check.sql(target, subject) : ledgerSql(target.catalog, target.table);
  if (sql === null || (check.kind === 'topic' && sources.topicOffsets === null)) return null;
  const started = performance.now();
  const result = (verdict: CheckResult['verdict'], { expected, actual }: Omit<Verdict, 'passed'>): CheckResult => {
    const durationMs = Math.round(performance.now() - started);
    return { name: check.name, table: target.table, verdict, expected, actual, durationMs, sql };
  };
  try {
    const verdict = await judge(check, sql, target, subject, sources);
    return { result: result(verdict.passed ? 'pass' : 'fail', verdict), error: null };
  } catch (error) {
    const known = answerable(error, sources);
    return {
      result: result('error', { expected: 'an answer', actual: failureOf(known)?.message ?? known.message }),
      error: known,
    };
  }
}

async function judge(
  check: Check,
  sql: string,
  target: Target,
  subject: Subject,
  { trino, topicOffsets, signal }: CheckSources,
): Promise<Verdict> {
  if (check.kind === 'ledger') return check.judge(target, subject);
  if (check.kind === 'rows') return check.judge(await trino.query(sql, { signal }), target, subject);
  return check.judge((await topicOffsets?.()) ?? {}, target);
}

/** Trino gone or the user gone: no later check could be answered either. */
function answerable(error: unknown, { trino, signal }: CheckSources): EltError {
  signal?.throwIfAborted();
  if (!(error instanceof EltError)) throw error;
  if (error.code === 'unreachable' && error.message.includes(trino.address)) throw error;
  return error;
}
