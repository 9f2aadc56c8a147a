import type { PipelineConfig } from '../commons/config-schema.js';
import { tableChecks } from '../pipeline/checks/table-checks.js';
import type { StageUnderCheck } from '../pipeline/subject.js';
import { extractChecks } from './checks.js';

/** What is checked of a pipeline's EXTRACT; null when it has none. */
export function extractUnderCheck(
  pipeline: string,
  { extract }: Pick<PipelineConfig, 'extract'>,
): StageUnderCheck | null {
  if (extract === undefined) return null;
  return {
    stage: 'extract',
    declared: { pipeline, gaps: extract.gaps, sql: null },
    tables: { raw: extract.table, silver: null, rejects: null },
    checked: ['raw'],
    topic: extract.topic,
    checks: [...tableChecks, ...extractChecks],
  };
}
