/** Asks everybody for the overview; whoever does not answer is part of it. */
import type { Config } from '../commons/config.js';
import { overviewOf } from './overview.js';
import type { Overview } from './overview-model.js';
import type { RunFacts } from './run-facts.js';
import type { FactsOf } from './table-facts.js';

/** A function that looks; it remembers what Redis said last, so that an outage does not empty the page. */
export function overviewSource(
  config: Config,
  runFacts: () => Promise<RunFacts>,
  facts: FactsOf,
): () => Promise<Overview> {
  const names = Object.keys(config.pipelines);
  let last: { readonly facts: RunFacts; readonly at: string } | null = null;
  return async () => {
    let redisProblem: string | null = null;
    try {
      last = { facts: await runFacts(), at: new Date().toISOString() };
    } catch (error) {
      redisProblem = error instanceof Error ? error.message : String(error);
    }
    const tables = new Map(names.map((name) => [name, facts(name).glance()]));
    return overviewOf({ config, now: new Date(), runFacts: last, redisProblem, tables });
  };
}
