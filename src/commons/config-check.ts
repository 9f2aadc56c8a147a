import type { ConfigValues } from './config-schema.js';
import { propertyNameProblems, textProblems } from './config-texts.js';
import { isSecretName } from './secret-names.js';

interface Target {
  readonly table: string;
  readonly key: string;
}

/** Problems that no single key shows: two writers of one table, secrets where everybody can read them, schedules without a meaning. */
export function crossCheck(values: ConfigValues, origins: ReadonlyMap<string, string>): readonly string[] {
  return [
    ...sharedTables(values, origins),
    ...misplacedSecrets(values, origins),
    ...schedulesOfFollowers(values, origins),
    ...[...textProblems(values), ...propertyNameProblems(values)].map(
      ({ key, problem }) => `${place(key, origins)}${key}: ${problem}`,
    ),
  ];
}

/** A run that follows never ends, so that each tick of its schedule would be skipped. */
function schedulesOfFollowers(values: ConfigValues, origins: ReadonlyMap<string, string>): readonly string[] {
  return Object.entries(values.pipelines).flatMap(([name, stages]) =>
    Object.entries(stages).flatMap(([stage, declared]) => {
      const { mode, schedule } = declared as { mode?: string; schedule?: object };
      if (mode !== 'follow' || schedule === undefined) return [];
      const key = `pipelines.${name}.${stage}.schedule`;
      return [
        `${place(key, origins)}${key}: a run that follows goes on until it is stopped, so a schedule would never start one; expected "mode: drain", or no schedule`,
      ];
    }),
  );
}

/** The table that takes the pipeline's rejects. */
export function rejectsTableOf(transform: {
  readonly table: string;
  readonly rejectsTable?: string | undefined;
}): string {
  return transform.rejectsTable ?? `${transform.table}_rejects`;
}

function sharedTables(values: ConfigValues, origins: ReadonlyMap<string, string>): readonly string[] {
  const targets: Target[] = Object.entries(values.pipelines).flatMap(([name, { extract, transform }]) => [
    ...(extract === undefined ? [] : [{ table: extract.table, key: `pipelines.${name}.extract.table` }]),
    ...(transform === undefined
      ? []
      : [
          { table: transform.table, key: `pipelines.${name}.transform.table` },
          { table: rejectsTableOf(transform), key: `pipelines.${name}.transform.rejectsTable` },
        ]),
  ]);
  const writers = new Map<string, string>();
  const problems: string[] = [];
  for (const { table, key } of targets) {
    const other = writers.get(table);
    if (other === undefined) writers.set(table, key);
    else
      problems.push(
        `${place(key, origins)}${key}: ${table} is written by ${other} too; expected one writer for each table`,
      );
  }
  return problems;
}

function misplacedSecrets(values: ConfigValues, origins: ReadonlyMap<string, string>): readonly string[] {
  const properties = [
    ...Object.keys(values.kafka.properties).map((name) => ({ key: `kafka.properties.${name}`, name })),
    ...Object.keys(values.spark.properties).map((name) => ({ key: `spark.properties.${name}`, name })),
  ];
  return properties
    .filter(({ name }) => isSecretName(name))
    .map(
      ({ key, name }) =>
        `${place(key, origins)}${key}: looks like a secret, and this would show it in process lists; ${
          key.startsWith('kafka.')
            ? `expected in the environment of the Spark workers as ELT_KAFKA_${name.replaceAll('.', '_').toUpperCase()}`
            : 'expected in the environment of the Spark workers'
        }`,
    );
}

function place(key: string, origins: ReadonlyMap<string, string>): string {
  const parts = key.split('.');
  for (let length = parts.length; length > 0; length--) {
    const origin = origins.get(parts.slice(0, length).join('.'));
    if (origin !== undefined) return `${origin}  `;
  }
  return '';
}
