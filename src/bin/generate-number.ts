#!/usr/bin/env node
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  acknowledgementLines,
  generateNumberHelp,
  generateNumbers,
  parseGenerateNumber,
} from '../cli/generate-number.js';
import { loadConfig } from '../commons/config.js';
import { EltError, type ExitCode, exitCodes } from '../commons/errors.js';
import { Acknowledgements } from '../kafka/produce-numbers.js';

const packageDir = fileURLToPath(new URL('../..', import.meta.url));
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort(name));

/** elt.yaml of the working folder or, called from elsewhere, of this project. */
function configuration() {
  const here = loadConfig({ env: process.env, cwd: process.cwd() });
  return here.file === null ? loadConfig({ env: process.env, cwd: packageDir }) : here;
}

async function main(): Promise<ExitCode> {
  const request = parseGenerateNumber(process.argv.slice(2), () => randomInt(2 ** 32));
  if (request === null) {
    process.stdout.write(`${generateNumberHelp}\n`);
    return exitCodes.ok;
  }
  const startedAt = performance.now();
  const progress = (sent: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${sent} of ${request.count} records`);
  };
  const acknowledgements = new Acknowledgements();
  const options = { acknowledgements, signal: interruption.signal, onProgress: progress };
  try {
    await generateNumbers(configuration().kafka, request, options);
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    const lines = acknowledgementLines(request, acknowledgements, performance.now() - startedAt);
    if (acknowledgements.total > 0) process.stdout.write(`${lines.join('\n')}\n`);
  }
  if (!interruption.signal.aborted) return exitCodes.ok;
  return interruption.signal.reason === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
}

try {
  process.exitCode = await main();
} catch (error) {
  const known = error instanceof EltError ? error : null;
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n${known?.hint ?? ''}\n`);
  process.exitCode = known?.exitCode ?? exitCodes.runFailed;
}
