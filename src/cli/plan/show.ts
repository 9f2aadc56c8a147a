import type { Output } from '../output.js';
import { count } from '../progress-lines.js';
import { nextText, tickText } from '../schedule-lines.js';
import { tableLines } from '../table.js';
import type { Obstacle, PlanReport } from './report.js';

export function showPlanReport(output: Output, report: PlanReport, now: Date): void {
  const { stage, pipeline, plan, schedule, submission } = report;
  output.line(output.bold(`${stage} ${pipeline}${plan === null ? '' : ` (${plan.mode}) → ${plan.table}`}`));
  const facts: [string, string][] = [
    ['active run', activeText(report)],
    ['resumes', resumeText(report)],
    ['to read', rowsText(report)],
    [
      'schedule',
      schedule === null ? 'none' : `next ${nextText(output, schedule, now)}; last tick ${tickText(schedule.lastTick)}`,
    ],
    [
      'submission',
      submission === null
        ? 'none'
        : `${submission.mainClass} by ${plan?.submitter}, ${submission.cores} cores, ${submission.jar}`,
    ],
  ];
  for (const [name, value] of facts) output.line(`  ${name.padEnd(12)}${value}`);
  showPartitions(output, report);
  for (const obstacle of report.obstacles) showObstacle(output, obstacle);
  const isFree = !report.obstacles.some((obstacle) => obstacle.blocks);
  output.line(isFree ? output.green('Nothing stands in the way.') : output.red('Something stands in the way.'));
  output.note('Nothing was changed. The submission in full: elt run … --dry-run');
}

function activeText({ active, restart }: PlanReport): string {
  if (active === null) return 'none';
  const driver =
    active.submissionId === null ? 'no driver yet' : `${active.submissionId} ${active.driverState ?? 'state unknown'}`;
  const stopped = restart ? '; it is stopped first, and the position may be further by then' : '';
  return `${active.runId} ${active.phase} (${active.mode}, ${driver})${stopped}`;
}

function resumeText({ stage, fullRefresh, fromClock, toClock, position }: PlanReport): string {
  if (fullRefresh) return `from all of RAW up to ${toClock ?? 'unknown'}: SILVER and rejects are replaced`;
  if (stage === 'extract')
    return position === null ? 'no position known' : `at the position of ${fromClock ?? 'the table'}, below`;
  return fromClock === null
    ? 'at the beginning of RAW, or unknown'
    : `after RAW's commit of ${fromClock}, up to ${toClock ?? 'unknown'}`;
}

function rowsText({ rowsToRead, stage }: PlanReport): string {
  if (rowsToRead === null) return 'unknown';
  const number = count(Number(rowsToRead));
  return stage === 'extract' ? `${number} offsets (lag; fewer rows where offsets hold none)` : `${number} rows of RAW`;
}

function showPartitions(output: Output, { partitions }: PlanReport): void {
  if (partitions.length === 0) return;
  const headings = ['PARTITION', 'POSITION', 'EARLIEST', 'END', 'LAG'];
  const rows = partitions.map((line) =>
    [line.partition, line.position, line.earliest, line.end, line.lag].map((value) => String(value ?? '-')),
  );
  const columns = headings.map((heading) => ({ heading, align: 'right' as const }));
  for (const line of tableLines(columns, rows)) output.line(`  ${line}`);
}

function showObstacle(output: Output, { blocks, code, message, hint }: Obstacle): void {
  output.line(`${blocks ? output.red('in the way:') : output.yellow('note:')} ${message} (${code})`);
  if (hint !== null) output.line(`  ${hint}`);
}
