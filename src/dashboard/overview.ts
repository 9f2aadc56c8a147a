/** Puts together what the overview shows. Pure. */
import type { Config } from '../commons/config.js';
import { pipelineOffsets } from '../pipeline/pipeline-offsets.js';
import { type Run, reportOf, type Stage, stages } from '../pipeline/run.js';
import { phase, rowsPerSecond } from '../pipeline/run-phase.js';
import type { TableLedger } from '../trino/ledger.js';
import { lastRowsAt, minuteOf, rowsPerMinute } from './ledger-sums.js';
import type { Overview, PipelineView, RunView, SourceState, StageView, VerifiedView } from './overview-model.js';
import { lastEnded, type RunFacts, type StageFacts } from './run-facts.js';
import { lagOfStage, ledgerOfStage, lossOf } from './stage-tables.js';
import type { PipelineFacts, TableFact } from './table-facts.js';

export const shownMinutes = 60;

export interface OverviewSources {
  readonly config: Config;
  readonly now: Date;
  /** The newest answer of Redis and when it came; null before the first. */
  readonly runFacts: { readonly facts: RunFacts; readonly at: string } | null;
  /** Why Redis does not answer now; null when it does. */
  readonly redisProblem: string | null;
  /** By pipeline; undefined: not asked yet. */
  readonly tables: ReadonlyMap<string, PipelineFacts | undefined>;
}

export function overviewOf(sources: OverviewSources): Overview {
  const { config, now, runFacts, redisProblem, tables } = sources;
  return {
    at: now.toISOString(),
    sources: sourceStates(sources),
    pipelines: Object.keys(config.pipelines).map((name) => pipelineView(sources, name, tables.get(name))),
    runs: runFacts?.facts.runs.map(runView) ?? null,
    runsAsOf: redisProblem === null ? null : (runFacts?.at ?? null),
  };
}

export function runView(run: Run): RunView {
  const { mode, requestedAt, notice, attempt, verificationReason } = run;
  const waiting = notice ?? run.progress.waiting;
  const rate = rowsPerSecond(run);
  return {
    ...reportOf(run),
    mode,
    phase: phase(run),
    requestedAt,
    rowsPerSecond: rate,
    notice: waiting,
    attempt,
    verificationReason,
  };
}

function sourceStates({ runFacts, redisProblem, tables }: OverviewSources): readonly SourceState[] {
  const asked = [...tables.values()].filter((facts) => facts !== undefined);
  const problems = { Trino: asked.map((one) => one.trinoProblem), Kafka: asked.map((one) => one.kafkaProblem) };
  const stateOf = (name: 'Trino' | 'Kafka'): SourceState => {
    const outage = problems[name].find((one) => one?.isOutage === true) ?? null;
    return { name, isUp: asked.length === 0 ? null : outage === null, message: outage?.message ?? null };
  };
  const isRedisUp = redisProblem !== null ? false : runFacts === null ? null : true;
  return [{ name: 'Redis', isUp: isRedisUp, message: redisProblem }, stateOf('Trino'), stateOf('Kafka')];
}

function pipelineView(sources: OverviewSources, name: string, facts: PipelineFacts | undefined): PipelineView {
  const { config, now } = sources;
  const declared = config.pipelines[name];
  const extract = declared?.extract;
  const shown = stages.filter((stage) => stage === 'maintain' || declared?.[stage] !== undefined);
  const offsets =
    extract === undefined || facts === undefined || facts.trinoProblem !== null
      ? null
      : pipelineOffsets({
          pipeline: name,
          topic: extract.topic,
          table: extract.table,
          raw: facts.raw?.ledger ?? null,
          offsets: facts.offsets,
          transform: null,
        });
  const charted = [facts?.raw, facts?.silver].filter((one): one is TableFact => one?.ledger != null);
  return {
    pipeline: name,
    topic: extract?.topic ?? null,
    stages: shown.map((stage) => stageView(sources, name, stage, facts)),
    partitions: offsets?.partitions ?? [],
    problem: (facts?.trinoProblem ?? facts?.kafkaProblem)?.message ?? null,
    minute: charted.length === 0 ? null : new Date(minuteOf(now)).toISOString(),
    perMinute: charted.map(({ table, ledger }) => {
      return { table, rows: rowsPerMinute(ledger as TableLedger, now, shownMinutes) };
    }),
  };
}

function stageView(
  sources: OverviewSources,
  pipeline: string,
  stage: Stage,
  facts: PipelineFacts | undefined,
): StageView {
  const { runFacts, redisProblem, config } = sources;
  const isRedisUp = redisProblem === null && runFacts !== null;
  const known = isRedisUp ? runFacts.facts : null;
  const own = known?.stages.get(`${stage} ${pipeline}`) ?? null;
  const active = own?.active ?? null;
  const ended = known === null ? null : lastEnded(known, stage, pipeline);
  const declared = stage === 'maintain' ? undefined : config.pipelines[pipeline]?.[stage];
  const ledger = ledgerOfStage(stage, facts);
  return {
    stage,
    table: declared?.table ?? null,
    phase: own === null ? null : active === null ? 'idle' : phase(active),
    active: active === null ? null : runView(active),
    last: ended === null ? null : runView(ended),
    workers: known?.workers[stage] ?? null,
    rowsPerSecond: active === null ? null : rowsPerSecond(active),
    lag: lagOfStage(stage, facts),
    ...lossOf(stage, facts, sources.now),
    hasTable: ledger === undefined ? null : ledger !== null,
    tableRows: ledger?.totalRecords?.toString() ?? null,
    lastCommitAt: ledger == null ? null : lastRowsAt(ledger),
    verified: verifiedView(own, ended),
  };
}

function verifiedView(own: StageFacts | null, ended: Run | null): VerifiedView | null {
  if (own === null) return null;
  const { verdicts, baseline } = own;
  return {
    verdict: ended?.verified ?? verdicts?.verified ?? null,
    reason: ended?.verificationReason ?? null,
    snapshotId: baseline?.snapshotId ?? null,
    verifiedAt: verdicts?.at ?? null,
    checks: (verdicts?.checks ?? []).map(({ sql: _, ...one }) => one),
  };
}
