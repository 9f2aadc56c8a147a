/** What MAINTAIN found and did, for people. Pure. */
import type { Run } from '../pipeline/run.js';

/** One line a table and step: `  raw.numbers  compact    12 files (3.4 MiB) of 2 hours compacted into 2`. */
export function maintenanceLines({ spec, progress }: Pick<Run, 'spec' | 'progress'>): readonly string[] {
  const steps = progress.maintenance ?? [];
  if (steps.length === 0) return [];
  const width = Math.max(...steps.map(({ table }) => table.length));
  const isPlan = (JSON.parse(spec.args[0] ?? '{}') as { planOnly?: unknown }).planOnly === true;
  return [
    ...(isPlan ? ['Plan; no table was changed:'] : []),
    ...steps.map(({ table, step, text }) => `  ${table.padEnd(width)}  ${step.padEnd(9)}  ${text}`),
  ];
}
