/** A program that does not outlive the process that started it. */
import { execa } from 'execa';

/**
 * The pipe at file descriptor 3 (first our stdin) ends with whoever started us, however they end: then the program is killed. The same
 * happens when this shell is killed, because Node closes the pipe of a child that has ended.
 */
const tether = `exec 3<&0
"$@" </dev/null 3<&- & child=$!
{ read -r _ <&3; kill -KILL "$child"; } >/dev/null 2>&1 & watch=$!
wait "$child"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when a signal or the time limit ended it. */
  readonly exitCode: number | undefined;
}

/** Runs a program to its end, or until the time limit, the signal or the end of this process kills it. Never throws for how it ended. */
export async function runTethered(
  command: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Said> {
  const { stdout, stderr, exitCode } = await execa('/bin/sh', ['-c', tether, 'tether', ...command], {
    env: options.env,
    extendEnv: false,
    stdin: 'pipe',
    reject: false,
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  return { stdout, stderr, exitCode };
}
