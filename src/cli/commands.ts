import type { CommandFactory } from './command.js';

/** A command as the list knows it: enough for `elt --help`. Its module is loaded when it is called. */
export interface CommandEntry {
  /** The yargs command string, e.g. `run <stage> [pipeline]`. */
  readonly command: string;
  readonly describe: string;
  readonly load: () => Promise<CommandFactory>;
}

/** Every command, in the order of `elt --help`. To add one: a file in this folder that exports its factory, and a line here. */
export const commands: readonly CommandEntry[] = [
  {
    command: 'run <stage> [pipeline]',
    describe: 'Run a stage: Kafka → RAW (extract) or RAW → SILVER (transform)',
    load: async () => (await import('./run.js')).runCommand,
  },
  {
    command: 'plan <stage> [pipeline]',
    describe: 'What a run would do now, and what stands in its way',
    load: async () => (await import('./plan/plan-command.js')).planCommand,
  },
  {
    command: 'status [run]',
    describe: 'Runs and how far they are, the newest first',
    load: async () => (await import('./status.js')).statusCommand,
  },
  {
    command: 'logs <run>',
    describe: "The log of a run's driver",
    load: async () => (await import('./logs.js')).logsCommand,
  },
  {
    command: 'stop <stage> [pipeline]',
    describe: 'Stop the active run of a stage gracefully',
    load: async () => (await import('./stop.js')).stopCommand,
  },
  {
    command: 'kill <run>',
    describe: 'End a run hard; what it had committed stays',
    load: async () => (await import('./stop.js')).killCommand,
  },
  {
    command: 'retry <run>',
    describe: 'A new run with the stage, pipeline and flags of one that is over',
    load: async () => (await import('./retry.js')).retryCommand,
  },
  {
    command: 'pause <stage> [pipeline]',
    describe: 'Start no scheduled runs of a stage until it is resumed',
    load: async () => (await import('./pause.js')).pauseCommand,
  },
  {
    command: 'resume <stage> [pipeline]',
    describe: 'Start scheduled runs of a stage again',
    load: async () => (await import('./pause.js')).resumeCommand,
  },
  {
    command: 'worker [stages..]',
    describe: 'Serve the queues: look after runs until told to stop',
    load: async () => (await import('./worker.js')).workerCommand,
  },
  {
    command: 'dashboard',
    describe: 'Serve the overview, the JSON API and the queues on http://127.0.0.1:3001',
    load: async () => (await import('./dashboard.js')).dashboardCommand,
  },
  {
    command: 'validate [pipeline]',
    describe: 'Prove through Trino that nothing was lost and nothing doubled',
    load: async () => (await import('./validate.js')).validateCommand,
  },
  {
    command: 'maintain [pipeline]',
    describe: 'Keep tables quick: expire snapshots, compact files, merge manifests, remove orphan files',
    load: async () => (await import('./maintain.js')).maintainCommand,
  },
  {
    command: 'offsets <action> [pipeline]',
    describe: 'Positions and lag per partition, or recompute a lost position from the rows',
    load: async () => (await import('./offsets.js')).offsetsCommand,
  },
  {
    command: 'doctor',
    describe: 'Is everything reachable and set up right? Each finding with its fix',
    load: async () => (await import('./doctor.js')).doctorCommand,
  },
  {
    command: 'stack <action>',
    describe: 'Start, stop and inspect the native stack: real engines, no Docker',
    load: async () => (await import('./stack.js')).stackCommand,
  },
  {
    command: 'drill',
    describe: 'The crash drill: kill everything on the native stack under load, then count every record',
    load: async () => (await import('./drill.js')).drillCommand,
  },
  {
    command: 'config <action>',
    describe: 'Show the resolved configuration with its origins, or check it',
    load: async () => (await import('./config.js')).configCommand,
  },
];
