import { rejectsTableOf } from '../commons/config-check.js';
import type { ConfigValues } from '../commons/config-schema.js';
import type { Role } from '../pipeline/check.js';

/** A table that a pipeline writes. `readers`: for RAW the SILVER tables that are made of it, also those of other pipelines. */
export interface MaintainedTable {
  readonly table: string;
  readonly role: Role;
  readonly readers: readonly string[];
}

/** The tables of a pipeline, SILVER last: what it has read of RAW is looked at first. Pure. */
export function tablesOf({ pipelines }: Pick<ConfigValues, 'pipelines'>, pipeline: string): readonly MaintainedTable[] {
  const { extract, transform } = pipelines[pipeline] ?? {};
  return [
    ...(extract === undefined
      ? []
      : [{ table: extract.table, role: 'raw' as const, readers: readersOf(pipelines, extract.table) }]),
    ...(transform === undefined
      ? []
      : [
          { table: rejectsTableOf(transform), role: 'rejects' as const, readers: [] },
          { table: transform.table, role: 'silver' as const, readers: [] },
        ]),
  ];
}

function readersOf(pipelines: ConfigValues['pipelines'], raw: string): readonly string[] {
  return Object.values(pipelines)
    .filter(({ extract, transform }) => (transform?.from ?? extract?.table) === raw)
    .flatMap(({ transform }) => (transform === undefined ? [] : [transform.table]));
}
