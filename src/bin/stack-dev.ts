// Development entry until src/bin/elt.ts lands.
import { stackDown } from '../stack/down.js';
import { stackFacts } from '../stack/stack-facts.js';
import { stackStatus } from '../stack/status.js';
import { stackUp } from '../stack/up.js';

const report = (line: string) => console.error(line);
const environment = process.env;
const offset = process.argv.indexOf('--port-offset');
const portOffset = offset < 0 ? undefined : Number(process.argv[offset + 1]);
try {
  const signal = new AbortController().signal;
  if (process.argv[2] === 'up') await stackUp({ environment, portOffset, signal, report });
  if (process.argv[2] === 'down') await stackDown({ environment, isPurging: process.argv.includes('--purge'), report });
  if (process.argv[2] === 'status') console.table(await stackStatus(await stackFacts(environment)));
} catch (error) {
  const { message, hint, stack } = error as { message: string; hint?: string; stack: string };
  console.error(hint === undefined ? stack : `${message}\n${hint}`);
  process.exitCode = 1;
}
