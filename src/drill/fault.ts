import type { DrillLine } from './drill-line.js';
import type { Engines } from './engines.js';
import type { Random } from './random.js';

export interface FaultWorld {
  readonly line: DrillLine;
  readonly engines: Engines;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface Fault {
  readonly name: string;
  /** What happens, for people. */
  readonly describe: string;
  /** EXTRACT needs nothing of what breaks: it must keep its rhythm. */
  readonly leavesExtract: boolean;
  /** How many drivers of one stage may run at once. */
  readonly mostDrivers: number;
  readonly inject: (world: FaultWorld) => Promise<void>;
}
