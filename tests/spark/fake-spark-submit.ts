/** A SPARK_HOME whose spark-submit is a small script: it behaves as told by files in its own folder. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeSparkHome {
  readonly home: string;
  /** A shell script that the next spark-submit runs with the same arguments. */
  behave(script: string): void;
  close(): void;
}

export function fakeSparkHome(): FakeSparkHome {
  const home = mkdtempSync(join(tmpdir(), 'elt-spark-home-'));
  mkdirSync(join(home, 'bin'));
  const program = join(home, 'bin', 'spark-submit');
  const behave = (script: string) => {
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
  };
  behave('exit 0');
  return { home, behave, close: () => rmSync(home, { recursive: true, force: true }) };
}

/** Does in cluster mode what the real one does: a create request over HTTP, the answer in the log, exit code 0. */
export function submitsTo(rest: string, node = process.execPath): string {
  const program = `
    const args = process.argv.slice(1);
    const properties = {};
    args.forEach((arg, index) => {
      if (args[index - 1] === '--conf') { const at = arg.indexOf('='); properties[arg.slice(0, at)] = arg.slice(at + 1); }
    });
    const after = (flag) => args[args.indexOf(flag) + 1];
    const [jar, ...appArgs] = args.slice(args.lastIndexOf('--conf') + 2);
    fetch('${rest}/v1/submissions/create', { method: 'POST', body: JSON.stringify({
      action: 'CreateSubmissionRequest', appResource: jar, mainClass: after('--class'), appArgs,
      environmentVariables: {}, sparkProperties: { ...properties, 'spark.app.name': after('--name') } }) })
      .then(async (response) => console.error('INFO RestSubmissionClient: Server responded with CreateSubmissionResponse:\\n' + (await response.text())))
      .catch((error) => console.error('Exception: Unable to connect to server ' + error.message));`;
  return `exec '${node}' -e ${shellQuoted(program)} -- "$@"`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
