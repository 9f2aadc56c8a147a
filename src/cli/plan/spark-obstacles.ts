import type { Config } from '../../commons/config.js';
import { unreachable } from '../../commons/errors.js';
import { askMaster, type MasterState } from '../../spark/master-client.js';
import { type Obstacle, obstacleOf, worthKnowing, wrong } from './report.js';

/** What stands in the way of a driver. Asks the masters' pages only. */
export async function sparkObstacles(config: Config, signal: AbortSignal): Promise<readonly Obstacle[]> {
  const { ui } = config.spark;
  const answer = await askMaster(ui, signal);
  if (answer.isAlive) return coreObstacles(config.spark, answer.state);
  return [obstacleOf(unreachable('Spark master', ui.join(', '), answer.detail))];
}

/** Pure. */
export function coreObstacles(
  {
    driver,
    executor,
    coresMax,
    deployMode,
    submitter,
  }: Pick<Config['spark'], 'driver' | 'executor' | 'coresMax' | 'deployMode' | 'submitter'>,
  { workers }: Pick<MasterState, 'workers'>,
): readonly Obstacle[] {
  const alive = workers.filter((worker) => worker.state === 'ALIVE');
  const total = alive.reduce((sum, worker) => sum + worker.cores, 0);
  const free = alive.reduce((sum, worker) => sum + worker.coresFree, 0);
  const ofDriver = submitter === 'spark-submit' && deployMode === 'client' ? 0 : driver.cores;
  const least = ofDriver + executor.cores;
  const have = `${alive.length} Spark workers with ${total} cores, ${free} of them free`;
  if (total < least) {
    const message = `${have}; a driver and one executor need ${least}, so the run would wait for ever.`;
    return [
      wrong(
        'not-enough-cores',
        message,
        'Add cores or workers, or lower spark.driver.cores and spark.executor.cores in elt.yaml.',
      ),
    ];
  }
  if (free >= least) return [];
  const message = `${have}; a driver and one executor need ${least}: the run waits until others end.`;
  return [
    worthKnowing('waits-for-cores', message, `With spark.coresMax (${coresMax}) lower, stages fit beside each other.`),
  ];
}
