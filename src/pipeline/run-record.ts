/** The border to Redis: what is read there is a run, or it is refused. */
import { z } from 'zod';
import { EltError } from '../commons/errors.js';
import { submitterNames } from '../spark/submitter.js';
import { type Run, stages } from './run.js';

/** The largest part is the driver's argument, 120 KiB at most. */
const mostBytes = 2 * 1024 ** 2;

const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected a pipeline name');
const time = z.iso.datetime();
const count = z.int().min(0);

/** Only what decides what is done; later versions may write more, and nothing is taken away. */
const recordSchema = z.looseObject({
  runId: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'expected a run id'),
  stage: z.enum(stages),
  pipeline: name,
  mode: z.enum(['follow', 'drain']),
  state: z.enum(['queued', 'submitting', 'running', 'succeeded', 'failed', 'stopped', 'fenced', 'lost']),
  table: z.string().max(200),
  submitter: z.enum(submitterNames),
  spec: z.looseObject({
    name: z.string().max(300),
    mainClass: z.string().max(300),
    jar: z.string().max(4_096),
    args: z.array(z.string()).max(1),
    properties: z.record(z.string(), z.string()),
  }),
  isForced: z.boolean(),
  attempt: count.min(1),
  fruitlessAttempts: count,
  commitsBefore: count,
  calmSteps: count,
  nextAttemptAt: time.nullable(),
  requestedAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  prepared: z.array(z.string()).nullable(),
  submitTriedAt: time.nullable(),
  submissionId: z.string().max(1_000).nullable(),
  stopRequestedAt: time.nullable(),
  killRequestedAt: time.nullable(),
  killSentAt: time.nullable(),
  strays: z
    .array(
      z.looseObject({
        submissionId: z.string().max(1_000),
        submitter: z.enum(submitterNames),
        killSentAt: time.nullable(),
      }),
    )
    .max(100)
    .optional(),
  verified: z.union([z.boolean(), z.literal('unknown')]).nullable(),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  progress: z.looseObject({
    rows: z.number().nullable(),
    rejects: z.number().nullable(),
    commits: count,
    snapshotIds: z.array(z.string()),
    logOffset: count,
  }),
});

/** @throws EltError `run-record-refused` that says what is wrong with it */
export function parseRun(runId: string, json: string): Run {
  if (json.length > mostBytes) throw refused(runId, `it has ${json.length} characters, expected at most ${mostBytes}`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw refused(runId, 'it is no JSON');
  }
  const read = recordSchema.safeParse(value);
  const issue = read.error?.issues[0];
  if (issue !== undefined) throw refused(runId, `${issue.path.join('.') || 'the record'}: ${issue.message}`);
  const run = value as Run;
  if (run.runId !== runId) throw refused(runId, `runId: it is that of another run, ${run.runId}`);
  return run;
}

export function isRecordRefused(error: unknown): error is EltError {
  return error instanceof EltError && error.code === code;
}

const code = 'run-record-refused';

function refused(runId: string, why: string): EltError {
  const id = runId.length > 60 ? `${runId.slice(0, 59)}…` : runId;
  return new EltError(
    code,
    `The record of run ${JSON.stringify(id)} in Redis is not one of elt's: ${why.slice(0, 300)}.`,
    {
      hint: 'Nothing is done with it. A worker sets it aside (key refused:RUN) within seconds.',
    },
  );
}
