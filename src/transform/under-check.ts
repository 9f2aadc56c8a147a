import { rejectsTableOf } from '../commons/config-check.js';
import type { PipelineConfig } from '../commons/config-schema.js';
import { tableChecks } from '../pipeline/checks/table-checks.js';
import type { StageUnderCheck } from '../pipeline/subject.js';
import { transformChecks } from './checks.js';

/** What is checked of a pipeline's TRANSFORM; null when it has none. `sql` is the text of its SQL file. */
export function transformUnderCheck(
  pipeline: string,
  { extract, transform }: Pick<PipelineConfig, 'extract' | 'transform'>,
  sql: string,
): StageUnderCheck | null {
  if (transform === undefined) return null;
  return {
    stage: 'transform',
    declared: { pipeline, gaps: extract?.gaps ?? 'allow', sql },
    tables: {
      raw: transform.from ?? extract?.table ?? null,
      silver: transform.table,
      rejects: rejectsTableOf(transform),
    },
    checked: ['silver', 'rejects'],
    topic: null,
    checks: [...tableChecks, ...transformChecks],
  };
}
