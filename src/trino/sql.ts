/** Text of Trino statements, valid on Trino 443 and 476 alike. */

/** `raw.numbers` → `"lakehouse"."raw"."numbers"`; a suffix such as `$snapshots` names a metadata table. */
export function qualified(catalog: string, table: string, suffix = ''): string {
  const [schema, name, ...rest] = table.split('.');
  if (schema === undefined || name === undefined || rest.length > 0) {
    throw new TypeError(`expected a table as schema.table, got "${table}"`);
  }
  return [catalog, schema, `${name}${suffix}`].map(identifier).join('.');
}

/** A quoted identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A varchar literal. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A `timestamp(6) with time zone` literal of an ISO 8601 UTC clock such as `2026-11-22T16:30:00.123456Z`. */
export function timestamp(clock: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/.test(clock)) {
    throw new TypeError(`expected a clock like 2026-11-22T16:30:00.123456Z, got "${clock}"`);
  }
  return `TIMESTAMP '${clock.replace('T', ' ').replace('Z', '')} UTC'`;
}

/** The table as it was at a snapshot. */
export function atSnapshot(catalog: string, table: string, snapshotId: string): string {
  return `${qualified(catalog, table)} FOR VERSION AS OF ${BigInt(snapshotId)}`;
}

/** `column > after AND column <= upTo`, or TRUE without bounds. Both are clocks; null means unbounded. */
export function clockRange(column: string, after: string | null, upTo: string | null): string {
  const bounds = [
    ...(after === null ? [] : [`${column} > ${timestamp(after)}`]),
    ...(upTo === null ? [] : [`${column} <= ${timestamp(upTo)}`]),
  ];
  return bounds.length === 0 ? 'TRUE' : bounds.join(' AND ');
}
