// Reads the runners' own reports. A run whose report is missing, or whose exit code disagrees with it, counts as one failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Counts from jest's `--json` report. */
export function jestCounts(file, exitCode) {
  if (!existsSync(file)) return honest({ passed: 0, failed: 0, skipped: 0 }, exitCode);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const brokenSuites = report.numRuntimeErrorTestSuites;
  return honest(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + brokenSuites,
      skipped: report.numPendingTests + report.numTodoTests,
    },
    exitCode,
  );
}

/** Counts from the surefire XML reports in a folder. */
export function surefireCounts(folder, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^TEST-.*\.xml$/.test(name)) : [];
  for (const name of files) {
    const suite = /<testsuite [^>]*>/.exec(readFileSync(join(folder, name), 'utf8'))?.[0] ?? '';
    const number = (attribute) => Number(new RegExp(` ${attribute}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const failed = number('failures') + number('errors');
    counts.failed += failed;
    counts.skipped += number('skipped');
    counts.passed += number('tests') - failed - number('skipped');
  }
  return honest(counts, exitCode);
}

function honest(counts, exitCode) {
  const nothingRan = counts.passed + counts.failed === 0;
  const unexplained = exitCode !== 0 && counts.failed === 0;
  return nothingRan || unexplained ? { ...counts, failed: counts.failed + 1 } : counts;
}
