/** A run's submission came through Redis: before it goes to Spark it must be one that this installation could have planned. Pure. */
import { driverName, type Run } from './run.js';

/** What may be started here. */
export interface Startable {
  readonly jar: string;
  /** `spark.driver.extraClassPath` as it is configured; undefined without one. */
  readonly classPath: string | undefined;
  readonly mainClasses: readonly string[];
}

/** Why the submission is refused, in words; null when it may start. */
export function specProblem(
  run: Pick<Run, 'runId' | 'stage' | 'pipeline' | 'table' | 'spec'>,
  own: Startable,
): string | null {
  const { spec } = run;
  const name = driverName(run);
  const { runId, claim, stage, pipeline, table } = argumentOf(spec.args);
  const expected: readonly [string, unknown, string | undefined][] = [
    ['mainClass', spec.mainClass, own.mainClasses.find((one) => one === spec.mainClass) ?? own.mainClasses[0]],
    ['jar', spec.jar, own.jar],
    ['spark.jars', spec.properties['spark.jars'], own.jar],
    ['spark.driver.extraClassPath', spec.properties['spark.driver.extraClassPath'], own.classPath],
    ['spark.executor.extraClassPath', spec.properties['spark.executor.extraClassPath'], own.classPath],
    ['name', spec.name, name],
    ['spark.app.name', spec.properties['spark.app.name'], name],
    ['runId of the argument', runId, run.runId],
    ['stage of the argument', stage, run.stage],
    ['pipeline of the argument', pipeline, run.pipeline],
    // MAINTAIN claims nothing and has more than one table.
    ['claim of the argument', claim ?? run.runId, run.runId],
    ['table of the argument', table ?? run.table, run.table],
  ];
  const wrong = expected.find(([, found, wanted]) => found !== wanted);
  if (wrong === undefined) return null;
  const [what, found, wanted] = wrong;
  return `${what} is ${text(found)}, expected ${text(wanted)}`;
}

function argumentOf(args: readonly string[]): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(args[0] ?? '');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string {
  const json = JSON.stringify(value) ?? 'absent';
  return json.length > 200 ? `${json.slice(0, 199)}…` : json;
}
