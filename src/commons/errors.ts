/** Who has to act: the user, an operator of something outside, or we. */
export type ErrorKind = 'user' | 'external' | 'internal';

/** Exit codes of the command line. Scripts rely on them. */
export const exitCodes = {
  ok: 0,
  runFailed: 1,
  usage: 2,
  validationFailed: 3,
  alreadyRunning: 4,
  unreachable: 5,
  stopped: 6,
  fencedOrLost: 7,
  timedOut: 124,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const exitCodeOfKind: Record<ErrorKind, ExitCode> = {
  user: exitCodes.usage,
  external: exitCodes.unreachable,
  internal: exitCodes.runFailed,
};

/**
 * An error with a stable code. `message` says what, which value and what was expected; `hint` says what to do next.
 * Expected outcomes (fenced, check failed) are values, not errors.
 */
export class EltError extends Error {
  override readonly name = 'EltError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(
    code: string,
    message: string,
    options: { kind?: ErrorKind; hint?: string; cause?: unknown; exitCode?: ExitCode } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = options.kind ?? 'user';
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? exitCodeOfKind[this.kind];
  }
}

/** A dependency that cannot be reached: exit 5. */
export function unreachable(service: string, address: string, cause: unknown, hint?: string): EltError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EltError('unreachable', `${service} at ${address} cannot be reached: ${reason}`, {
    kind: 'external',
    cause,
    hint: hint ?? 'See what runs: elt stack status (or elt doctor).',
  });
}
