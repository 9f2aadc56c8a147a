/**
 * Breaks this process at a named moment, for tests: `ELT_FAILPOINTS="submit-before-create=kill@2,poll=delay:500"`. `kill` is SIGKILL of
 * this process, `error` throws, `delay:MS` waits; `@N` means the N-th time only, otherwise each time. Without the variable nothing happens.
 * The drivers have the same (elt.driver.Failpoints).
 */
import { EltError } from './errors.js';
import { sleep } from './retry.js';

/** Every moment that can be broken. */
export const failpoints = {
  'enqueue-before-add': 'the run is recorded, its queue job is not',
  'submit-before-create': 'the create request is announced in Redis and not sent',
  'submit-after-create': 'the create request was answered, the driver id is not stored',
  poll: 'a driver is looked at',
  'end-before-save': "the driver's end is known, the final state is not written",
} as const;

export type Failpoint = keyof typeof failpoints;

interface Rule {
  readonly action: 'kill' | 'error' | 'delay';
  readonly delayMs: number;
  /** The N-th time only; 0: each time. */
  readonly time: number;
  reached: number;
}

let armed: ReadonlyMap<Failpoint, Rule> | undefined;

/** Arms what the variable's value says; undefined disarms. Called once, by the program's entry. @throws EltError `invalid-failpoints` */
export function armFailpoints(text: string | undefined): void {
  const rules = (text ?? '').split(',').filter((rule) => rule.trim() !== '');
  armed = rules.length === 0 ? undefined : new Map(rules.map(parse));
}

/** This process has come to this moment. */
export async function failpoint(name: Failpoint): Promise<void> {
  if (armed === undefined) return;
  const rule = armed.get(name);
  if (rule === undefined) return;
  rule.reached++;
  if (rule.time !== 0 && rule.reached !== rule.time) return;
  if (rule.action === 'error') throw new Error(`failpoint ${name}`);
  if (rule.action === 'kill') process.kill(process.pid, 'SIGKILL');
  await sleep(rule.delayMs);
}

function parse(text: string): [Failpoint, Rule] {
  const [, name = '', action, delayMs, time] =
    /^([a-z-]+)=(kill|error|delay:(\d{1,9}))(?:@([1-9]\d{0,8}))?$/.exec(text.trim()) ?? [];
  if (action === undefined || !Object.hasOwn(failpoints, name)) {
    throw new EltError(
      'invalid-failpoints',
      `ELT_FAILPOINTS: expected NAME=kill|error|delay:MS[@N] with one of the names ${Object.keys(failpoints).join(', ')}, was "${text}".`,
      { hint: 'Unset it: it is for tests.' },
    );
  }
  const word = action.replace(/:.*/, '') as Rule['action'];
  return [name as Failpoint, { action: word, delayMs: Number(delayMs ?? 0), time: Number(time ?? 0), reached: 0 }];
}
