import { EltError, exitCodes } from '../commons/errors.js';

/** What Trino says of a statement that failed. It arrives inside a 200 answer; the library never throws it. */
export interface TrinoFailure {
  readonly message: string;
  /** For example `TABLE_NOT_FOUND`. */
  readonly errorName: string;
  /** `USER_ERROR`, `INTERNAL_ERROR`, `INSUFFICIENT_RESOURCES` or `EXTERNAL`. */
  readonly errorType: string;
}

/** Carries Trino's answer out of the polling loop; the cause of an EltError `trino-query-failed`. */
export class TrinoFailureError extends Error {
  constructor(readonly failure: TrinoFailure) {
    super(failure.message);
  }
}

/** The failure that Trino reported, or null when the error came from elsewhere (the network, say). */
export function failureOf(error: unknown): TrinoFailure | null {
  if (error instanceof TrinoFailureError) return error.failure;
  return error instanceof EltError ? failureOf(error.cause) : null;
}

const missing = new Set(['TABLE_NOT_FOUND', 'SCHEMA_NOT_FOUND']);

/** Whether a query failed because the table or its schema does not exist. */
export function isTableMissing(error: unknown): boolean {
  const failure = failureOf(error);
  return failure !== null && missing.has(failure.errorName);
}

const hints: Record<string, string | undefined> = {
  EXTERNAL: 'Trino itself answers; what it reads from (Hive Metastore, S3) may not: elt doctor',
  INSUFFICIENT_RESOURCES: 'Give Trino more memory (query.max-memory) or let less run beside it.',
};

export function queryFailed(address: string, sql: string, failure: TrinoFailure): EltError {
  const cause = new TrinoFailureError(failure);
  if (failure.errorName === 'SERVER_STARTING_UP') {
    const hint = 'Try again in some seconds, or see: elt stack status';
    return new EltError('unreachable', `Trino at ${address} is still starting.`, { kind: 'external', cause, hint });
  }
  const message = `Trino at ${address} refused a statement (${failure.errorName}): ${failure.message}\n  ${sql}`;
  const kind = failure.errorType === 'USER_ERROR' ? 'internal' : 'external';
  return new EltError('trino-query-failed', message, { kind, cause, hint: hints[failure.errorType] });
}

export function timedOut(address: string, sql: string, timeoutMs: number): EltError {
  return new EltError('trino-timed-out', `Trino at ${address} did not finish within ${timeoutMs / 1000} s:\n  ${sql}`, {
    kind: 'external',
    exitCode: exitCodes.timedOut,
    hint: 'Allow more time with trino.timeout in elt.yaml (or ELT_TRINO_TIMEOUT=10m).',
  });
}
