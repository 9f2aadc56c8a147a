import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../commons/config.js';
import { EltError } from '../commons/errors.js';

/** It travels to the driver as part of one argument, which Linux limits to 128 KiB. */
const mostBytes = 100 * 1024;

function tooLong(pipeline: string, file: string, bytes: number): EltError {
  const message = `The SQL file of pipeline "${pipeline}" has ${bytes} bytes, expected at most ${mostBytes}: ${file}.`;
  return new EltError('sql-too-long', message);
}

/** The SELECT of a pipeline's transform. @throws EltError `sql-missing`, `sql-empty`, `sql-too-long` */
export function readPipelineSql(config: Config, pipeline: string): string {
  const declared = config.pipelines[pipeline]?.transform?.sql;
  if (declared === undefined) {
    throw new EltError('stage-not-declared', `Pipeline "${pipeline}" has no transform stage in elt.yaml.`);
  }
  const file = resolve(config.baseDir, declared);
  const place = config.origins.get(`pipelines.${pipeline}.transform.sql`) ?? 'the configuration';
  let sql: string;
  try {
    const { size } = statSync(file);
    if (size > mostBytes) throw tooLong(pipeline, file, size);
    sql = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    if (cause instanceof EltError) throw cause;
    throw new EltError('sql-missing', `The SQL file of pipeline "${pipeline}" cannot be read: ${file} (${place}).`, {
      cause,
      hint: 'It holds one SELECT over the view raw; see pipelines/numbers.sql for an example.',
    });
  }
  if (sql !== '') return sql;
  throw new EltError('sql-empty', `The SQL file of pipeline "${pipeline}" is empty: ${file} (${place}).`, {
    hint: 'Expected one SELECT over the view raw; see pipelines/numbers.sql for an example.',
  });
}
