export type OutputFormat = 'text' | 'json' | 'ndjson';

interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Data goes to stdout, everything for people beside it (progress, hints, errors) to stderr. */
export class Output {
  readonly format: OutputFormat;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Whether stderr may be redrawn: a terminal, and not a CI log. */
  readonly isInteractive: boolean;
  readonly #colours: boolean;
  #documents = 0;

  constructor(options: {
    format: OutputFormat;
    stdout: Stream;
    stderr: Stream;
    env: Readonly<Record<string, string | undefined>>;
  }) {
    const { format, stdout, stderr, env } = options;
    this.format = format;
    this.stdout = stdout;
    this.stderr = stderr;
    this.isInteractive = stderr.isTTY === true && !env.CI && env.TERM !== 'dumb';
    this.#colours = !env.NO_COLOR && env.TERM !== 'dumb' && stdout.isTTY === true && stderr.isTTY === true;
  }

  /** Whether a JSON document was printed, which `-o json` promises exactly once. */
  get hasDocument(): boolean {
    return this.#documents > 0;
  }

  /** Whether the data is for people. */
  get isText(): boolean {
    return this.format === 'text';
  }

  /** One JSON document; with `ndjson` one line of the stream. */
  json(value: unknown): void {
    this.#documents++;
    this.stdout.write(`${JSON.stringify(value, null, this.format === 'ndjson' ? undefined : 2)}\n`);
  }

  /** A line of data for people. */
  line(text = ''): void {
    this.stdout.write(`${text}\n`);
  }

  /** A line beside the data: progress, a hint, a warning. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  bold(text: string): string {
    return this.#paint(text, 1, 22);
  }

  dim(text: string): string {
    return this.#paint(text, 2, 22);
  }

  red(text: string): string {
    return this.#paint(text, 31, 39);
  }

  green(text: string): string {
    return this.#paint(text, 32, 39);
  }

  yellow(text: string): string {
    return this.#paint(text, 33, 39);
  }

  #paint(text: string, on: number, off: number): string {
    return this.#colours ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }
}
