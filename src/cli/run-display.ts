import type { Run } from '../pipeline/run.js';
import { reportOf } from '../pipeline/run.js';
import { phase } from '../pipeline/run-phase.js';
import type { Output } from './output.js';
import { progressLine } from './progress-lines.js';

const plainEveryMs = 5_000;
const redrawEveryMs = 250;

/** Shows a run while it goes on: one redrawn line on a terminal, plain lines elsewhere, a JSON line per change with `ndjson`. */
export class RunDisplay {
  readonly #output: Output;
  readonly #timer: NodeJS.Timeout | undefined;
  #run: Run | undefined;
  #notice: string | null = null;
  #phase = '';
  #commits = 0;
  #printedAt = 0;
  #reported = '';

  constructor(output: Output) {
    this.#output = output;
    if (output.isInteractive) {
      this.#timer = setInterval(() => this.#redraw(), redrawEveryMs);
      this.#timer.unref();
    }
  }

  update(run: Run): void {
    this.#run = run;
    if (this.#output.format === 'ndjson') this.#report(run);
    if (run.notice !== null && run.notice !== this.#notice) this.#say(run.notice);
    this.#notice = run.notice;
    if (this.#output.isInteractive) this.#redraw();
    else this.#plain(run);
  }

  /** Takes the redrawn line away. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#output.isInteractive) this.#output.stderr.write('\r\u001b[K');
  }

  #say(text: string): void {
    if (this.#output.isInteractive) this.#output.stderr.write('\r\u001b[K');
    this.#output.note(this.#output.yellow(text));
  }

  #plain(run: Run): void {
    const isNews = phase(run) !== this.#phase;
    const isDue = run.progress.commits !== this.#commits && Date.now() - this.#printedAt >= plainEveryMs;
    if (!isNews && !isDue) return;
    this.#phase = phase(run);
    this.#commits = run.progress.commits;
    this.#printedAt = Date.now();
    this.#output.note(progressLine(run, new Date()));
  }

  #redraw(): void {
    if (this.#run === undefined) return;
    const width = (this.#output.stderr.columns ?? 100) - 1;
    this.#output.stderr.write(`\r\u001b[K${progressLine(this.#run, new Date()).slice(0, width)}`);
  }

  #report(run: Run): void {
    const report = reportOf(run);
    const text = JSON.stringify(report);
    if (text !== this.#reported) this.#output.json(report);
    this.#reported = text;
  }
}
