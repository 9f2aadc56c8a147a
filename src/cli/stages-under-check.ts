import type { Config } from '../commons/config.js';
import { EltError } from '../commons/errors.js';
import { extractUnderCheck } from '../extract/under-check.js';
import type { StageUnderCheck } from '../pipeline/subject.js';
import { readPipelineSql } from '../transform/pipeline-sql.js';
import { transformUnderCheck } from '../transform/under-check.js';

/** The stages of one pipeline, or of all declared ones. Throws EltError `unknown-pipeline` (exit 2) naming those there are. */
export function stagesUnderCheck(config: Config, pipeline: string | undefined): StageUnderCheck[] {
  return pipelineNames(config, pipeline).flatMap((name) => {
    const declared = config.pipelines[name];
    if (declared === undefined) return [];
    const sql = declared.transform === undefined ? '' : readPipelineSql(config, name);
    return [extractUnderCheck(name, declared), transformUnderCheck(name, declared, sql)].filter((one) => one !== null);
  });
}

/** The named pipeline, or all. */
export function pipelineNames(config: Config, pipeline: string | undefined): string[] {
  const names = Object.keys(config.pipelines);
  if (pipeline === undefined) return names;
  if (names.includes(pipeline)) return [pipeline];
  const declared = names.length === 0 ? 'none is declared' : `declared: ${names.join(', ')}`;
  throw new EltError('unknown-pipeline', `Unknown pipeline "${pipeline}"; ${declared}.`, {
    hint: `Pipelines are declared in ${config.file ?? 'elt.yaml'}.`,
  });
}
