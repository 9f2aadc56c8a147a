import { EltError } from '../../commons/errors.js';

/** What was found of one thing. `warning`: works, but will bite. `unreachable`: needed and down. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'wrong' | 'unreachable';
  readonly detail: string;
  /** What to do; null when nothing is to be done. */
  readonly fix: string | null;
}

export function ok(name: string, detail: string): Finding {
  return { name, state: 'ok', detail, fix: null };
}

export function finding(state: Exclude<Finding['state'], 'ok'>, name: string, detail: string, fix: string): Finding {
  return { name, state, detail, fix };
}

/** Runs a probe; what it throws becomes a finding, so that one broken thing never hides the others. */
export async function probe(name: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const known = error instanceof EltError ? error : null;
    const state = known === null || known.kind === 'external' ? 'unreachable' : 'wrong';
    const detail = error instanceof Error ? error.message : String(error);
    return [
      finding(
        state,
        name,
        detail.split('\n')[0] as string,
        (known?.hint ?? 'See what runs: elt stack status').replace(' (or elt doctor)', ''),
      ),
    ];
  }
}
