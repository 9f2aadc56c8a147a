import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import fetch from 'node-fetch';
import type { Config } from '../../commons/config.js';
import { unreachable } from '../../commons/errors.js';
import { askMaster, type MasterWorker } from '../../spark/master-client.js';
import { type Finding, finding, ok } from './finding.js';

/** The master is alive, and its workers have room for both stages. */
export async function sparkFindings({ spark }: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  const answer = await askMaster(spark.ui, signal);
  if (!answer.isAlive) throw unreachable('Spark master', spark.ui.join(', '), answer.detail);
  const alive = answer.state.workers.filter((worker) => worker.state === 'ALIVE');
  const needed = spark.driver.cores + spark.coresMax;
  return [ok('spark master', `alive at ${answer.state.url}`), workersFinding(alive, needed)];
}

function workersFinding(alive: readonly MasterWorker[], needed: number): Finding {
  const name = 'spark workers';
  if (alive.length === 0) return finding('unreachable', name, 'none is alive', 'Start one: elt stack up');
  const sum = (of: (worker: MasterWorker) => number) => alive.reduce((total, worker) => total + of(worker), 0);
  const [cores, free] = [sum((worker) => worker.cores), sum((worker) => worker.coresFree)];
  const detail = `${alive.length} alive, ${free} of ${cores} cores free; a run needs ${needed}`;
  if (cores < needed)
    return finding('wrong', name, detail, 'Add cores to the workers, or lower spark.coresMax in elt.yaml.');
  if (cores < 2 * needed) {
    return finding('warning', name, detail, 'One stage will wait for the other: offer twice as many cores.');
  }
  return ok(name, detail);
}

/** The REST server takes submissions (asked for a driver that cannot exist). */
export async function sparkRestFindings({ spark }: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  if (spark.submitter !== 'rest') return [ok('spark rest', `not used (submitter ${spark.submitter})`)];
  const failures: string[] = [];
  for (const url of spark.rest) {
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
      const answer = await fetch(`${url}/v1/submissions/status/none`, { signal: limit });
      const { action } = (await answer.json()) as { action?: string };
      if (action !== undefined) return [ok('spark rest', `answers at ${url}`)];
      failures.push(`${url} is no Spark REST server`);
    } catch (error) {
      failures.push(`${url}: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`);
    }
  }
  const fix = 'Start the master with spark.master.rest.enabled=true, or use spark.submitter: spark-submit.';
  return [finding('unreachable', 'spark rest', failures.join('; '), fix)];
}

/** The jar and the class path; looked at only where the workers run on this machine. */
export async function classPathFindings({ spark }: Config): Promise<readonly Finding[]> {
  if (!spark.masters.every((master) => /^spark:\/\/(127\.|localhost[:/]|\[::1\])/.test(master))) {
    return [ok('class path', 'on other machines: not looked at')];
  }
  return [jarFinding(spark.applicationJar), icebergFinding(spark.classPath)];
}

function jarFinding(jar: string): Finding {
  if (existsSync(jar)) return ok('application jar', jar);
  return finding('wrong', 'application jar', `${jar} does not exist`, 'Build it: npm run build:jar');
}

function icebergFinding(classPath: readonly string[]): Finding {
  const jars = classPath.flatMap((entry) => {
    if (!entry.endsWith('/*')) return [entry];
    const folder = dirname(entry);
    return existsSync(folder) ? readdirSync(folder) : [];
  });
  const runtime = jars.find((jar) => /iceberg-spark-runtime/.test(jar));
  if (runtime !== undefined) return ok('class path', `${jars.length} jars, with ${runtime.split('/').at(-1)}`);
  const fix = 'Set spark.classPath in elt.yaml to folders on the workers with iceberg-spark-runtime, or: elt stack up';
  return finding(
    'wrong',
    'class path',
    `no iceberg-spark-runtime in ${classPath.join(', ') || 'an empty class path'}`,
    fix,
  );
}
