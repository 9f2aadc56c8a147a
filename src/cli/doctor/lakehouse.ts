import type { Config } from '../../commons/config.js';
import { rejectsTableOf } from '../../commons/config-check.js';
import { unreachable } from '../../commons/errors.js';
import type { TrinoClient } from '../../trino/client.js';
import { ledgerOf } from '../../trino/ledger-queries.js';
import { type Finding, finding, ok } from './finding.js';

/** Trino answers and knows the catalog. */
export async function trinoFindings(
  { trino: { url, catalog } }: Config,
  trino: TrinoClient,
): Promise<readonly Finding[]> {
  const rows = await trino.query('SELECT version() AS version', { timeoutMs: 15_000 });
  const catalogs = await trino.query('SHOW CATALOGS', { timeoutMs: 15_000 });
  const names = catalogs.map((row) => String(Object.values(row)[0]));
  return [
    ok('trino', `version ${rows[0]?.version} at ${url}`),
    names.includes(catalog)
      ? ok(`trino catalog ${catalog}`, 'exists')
      : finding(
          'wrong',
          `trino catalog ${catalog}`,
          `Trino knows ${names.join(', ')}`,
          'Set trino.catalog in elt.yaml.',
        ),
  ];
}

/** Every declared table belongs to the pipeline that declares it. Reading their metadata also shows that S3 answers Trino. */
export async function tableFindings(config: Config, trino: TrinoClient): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [pipeline, { extract, transform }] of Object.entries(config.pipelines)) {
    if (extract !== undefined) findings.push(await ownership(trino, extract.table, `${pipeline}/extract`));
    if (transform === undefined) continue;
    for (const table of [transform.table, rejectsTableOf(transform)]) {
      findings.push(await ownership(trino, table, `${pipeline}/transform`));
    }
  }
  return findings;
}

async function ownership(trino: TrinoClient, table: string, expected: string): Promise<Finding> {
  const name = `table ${table}`;
  const ledger = await ledgerOf(trino, table);
  if (ledger === null) return ok(name, 'does not exist yet; the first run creates it');
  const owner = ledger.properties['elt.owner'];
  if (owner === expected) return ok(name, `belongs to ${owner}`);
  const fix = 'Give the pipeline another table in elt.yaml, or drop this one if nobody needs it.';
  if (owner !== undefined) return finding('wrong', name, `belongs to ${owner}, expected ${expected}`, fix);
  const records = ledger.totalRecords ?? 0n;
  if (records === 0n) return ok(name, 'exists, nobody has written it');
  return finding('wrong', name, `holds ${records} rows that no pipeline wrote`, fix);
}

/** The S3 endpoint answers HTTP (what it answers does not matter: no keys are used here). */
export async function s3Findings({ s3: { endpoint } }: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  if (endpoint === undefined) return [ok('s3', 'AWS (no endpoint configured)')];
  try {
    const { status } = await fetch(endpoint, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
    return [ok('s3', `answers at ${endpoint} (HTTP ${status} without keys)`)];
  } catch (error) {
    throw unreachable('S3', endpoint, (error as Error).cause ?? error);
  }
}
