import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { clientCensus } from './client-census.js';
import {
  adoptClientProcess,
  type ClientProcess,
  clientProcessState,
  signalClientProcess,
  startClientProcess,
} from './client-process.js';
import { chunkBytes } from './driver-log.js';
import type { DriverStatus } from './driver-state.js';
import { sparkSubmitCommand } from './spark-submit-command.js';
import {
  type CreateOutcome,
  type FindOutcome,
  type LogChunk,
  type LogStream,
  type SubmissionSpec,
  type Submitter,
  tooLate,
} from './submitter.js';
import { waitingFor } from './waiting.js';

export interface ClientModeOptions {
  readonly home: string | undefined;
  readonly masters: readonly string[];
  readonly ui: readonly string[];
  /** Each driver has a folder of its own in it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Client mode, for clusters without REST server: the driver runs on this host, as a detached `spark-submit` that outlives the
 * elt worker. Only workers on the same host can ask for it.
 */
export function sparkSubmitClientSubmitter(options: ClientModeOptions): Submitter {
  const folderOf = (name: string) => join(options.folder, name);
  return {
    name: 'spark-submit-client',
    prepare: async () => ({ driverIds: [], isNameKnown: false }),
    census: async () => clientCensus(options.folder),
    create: async (spec, _signal, isInTime = () => true) =>
      isInTime() ? await create(options, folderOf(spec.name), spec) : tooLate,
    requestMayArriveMs: 10_000,
    find: async (spec) => find(folderOf(spec.name)),
    status: async (submissionId) => statusOf(parseId(submissionId, options.folder)),
    kill: async (submissionId, isHard) => {
      const client = parseId(submissionId, options.folder);
      if (client.host !== hostname()) return { outcome: 'unreachable', detail: elsewhere(client) };
      const wasSignalled = signalClientProcess(client, isHard ? 'SIGKILL' : 'SIGTERM');
      return { outcome: wasSignalled ? 'requested' : 'not-running' };
    },
    logAddress: async (submissionId) => parseId(submissionId, options.folder).folder,
    readLog: async (folder, _submissionId, stream, offset) => readLog(folder, stream, offset),
    presence: async (submissionId) => {
      const client = parseId(submissionId, options.folder);
      if (client.host !== hostname()) return { verdict: 'unknown', evidence: elsewhere(client) };
      const isRunning = clientProcessState(client) === 'running';
      const evidence = `process ${client.pid} on ${client.host} ${isRunning ? 'runs' : 'is gone'}`;
      return { verdict: isRunning ? 'present' : 'absent', evidence };
    },
    waitingFor: ({ name }, _submissionId, signal) => waitingFor(options.ui, name, null, signal),
  };
}

async function create(options: ClientModeOptions, folder: string, spec: SubmissionSpec): Promise<CreateOutcome> {
  const command = sparkSubmitCommand(options.home, spec, { deployMode: 'client', master: options.masters.join(',') });
  const client = await startClientProcess(folder, command, { ...options.env });
  if (client !== undefined) return { outcome: 'created', submissionId: formatId(client) };
  const found = find(folder);
  if (found.outcome === 'found') return { outcome: 'created', submissionId: found.submissionId };
  return { outcome: 'uncertain', detail: `${folder} exists, but nothing was started from it yet` };
}

function find(folder: string): FindOutcome {
  const client = adoptClientProcess(folder);
  if (client === 'absent') return { outcome: 'absent' };
  if (client === 'starting') return { outcome: 'uncertain', detail: `${folder}: the process is about to start` };
  return { outcome: 'found', submissionId: formatId(client), evidence: `started from ${folder}` };
}

function statusOf(client: ClientProcess): DriverStatus {
  if (client.host !== hostname()) return { isKnown: false, reason: 'unreachable', detail: elsewhere(client) };
  const state = clientProcessState(client);
  const driverState = state === 'running' ? 'running' : state === 0 ? 'finished' : 'failed';
  const message = state === 'vanished' ? 'the process was killed' : null;
  return { isKnown: true, driverState, workerId: null, message };
}

function readLog(folder: string, stream: LogStream, offset: number): LogChunk {
  let file: number;
  try {
    file = openSync(join(folder, stream), 'r');
  } catch (error) {
    return { isAvailable: false, detail: (error as Error).message };
  }
  try {
    const { size } = fstatSync(file);
    const start = Math.min(offset, size);
    const bytes = Buffer.alloc(Math.min(chunkBytes, size - start));
    const count = readSync(file, bytes, 0, bytes.length, start);
    return { isAvailable: true, bytes: bytes.subarray(0, count), nextOffset: start + count, totalBytes: size };
  } finally {
    closeSync(file);
  }
}

function elsewhere({ host }: ClientProcess): string {
  return `the driver runs in client mode on ${host}; ask there`;
}

/** `client:HOST:PID:STARTTICKS:NAME`. */
function formatId({ host, pid, startTicks, folder }: ClientProcess): string {
  return ['client', host, pid, startTicks, basename(folder)].join(':');
}

function parseId(submissionId: string, root: string): ClientProcess {
  const [, host = '', pid = '0', startTicks = '', name = ''] = submissionId.split(':');
  return { host, pid: Number(pid), startTicks, folder: join(root, name) };
}
