/** The newest verdict of every check, kept for people who look later. Losing it loses nothing else. */
import type { CheckResult } from './check.js';
import type { Stage, Verified } from './run.js';
import type { BaselineRedis } from './verified-baseline.js';

/** A line of `elt validate`, and when it was found. */
export interface KeptVerdict extends CheckResult {
  readonly at: string;
}

/** What the newest verification of a stage said, and the newest verdict of every check. */
export interface KeptVerdicts {
  readonly at: string;
  readonly verified: Verified;
  /** Of the newest verification that passed or failed: one that could not tell hides nothing. Null: none was. */
  readonly hasPassed: boolean | null;
  readonly checks: readonly KeptVerdict[];
}

export interface FoundVerdicts {
  readonly at: string;
  readonly verified: Verified;
  readonly checks: readonly CheckResult[];
}

export interface VerdictStore {
  /** Null when nothing is known. */
  verdicts(stage: Stage, pipeline: string): Promise<KeptVerdicts | null>;
  /** A check that did not run this time keeps its older verdict. */
  keepVerdicts(stage: Stage, pipeline: string, found: FoundVerdicts): Promise<void>;
}

/** Longer findings are cut: `elt validate` shows them whole. */
const mostCharacters = 400;

/** Verdicts in Redis, under `PREFIX:verdicts:STAGE:PIPELINE`. */
export function redisVerdicts(redis: BaselineRedis, prefix: string): VerdictStore {
  const key = (stage: Stage, pipeline: string) => `${prefix}:verdicts:${stage}:${pipeline}`;
  const verdicts = async (stage: Stage, pipeline: string) => parse(await redis.get(key(stage, pipeline)));
  return {
    verdicts,
    keepVerdicts: async (stage, pipeline, found) => {
      const older = await verdicts(stage, pipeline);
      const hasPassed = typeof found.verified === 'boolean' ? found.verified : (older?.hasPassed ?? null);
      const kept: KeptVerdicts = { ...found, hasPassed, checks: merged(older?.checks ?? [], found) };
      await redis.set(key(stage, pipeline), JSON.stringify(kept));
    },
  };
}

function merged(older: readonly KeptVerdict[], { at, checks }: FoundVerdicts): readonly KeptVerdict[] {
  const newer = checks.map((one) => ({ ...one, expected: cut(one.expected), actual: cut(one.actual), at }));
  return [...new Map([...older, ...newer].map((one) => [`${one.table} ${one.name}`, one])).values()];
}

function cut(text: string): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;
}

function parse(json: string | null): KeptVerdicts | null {
  try {
    const kept = JSON.parse(json ?? 'null') as KeptVerdicts | null;
    if (!Array.isArray(kept?.checks)) return null;
    return { ...kept, hasPassed: kept.hasPassed ?? (typeof kept.verified === 'boolean' ? kept.verified : null) };
  } catch {
    return null;
  }
}
