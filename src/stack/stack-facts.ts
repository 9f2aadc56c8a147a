import { z } from 'zod';
import { EltError } from '../commons/errors.js';
import { readJson, writeAtomically } from './files.js';
import { type Environment, type StackLayout, stackLayout } from './layout.js';
import { loadManifest } from './manifest.js';
import { maxPortOffset, portsAt } from './ports.js';
import { loadSecrets } from './secrets.js';
import { type StackFacts, type StackPart, stackParts } from './service.js';
import { runningService } from './service-processes.js';
import { services } from './services/index.js';

const settings = z.strictObject({
  portOffset: z.number().int().min(0),
  parts: z.array(z.enum(stackParts)).default([]),
});

/** What a command wants a stack to be; what is left out stays as it was. */
export interface StackChoice {
  readonly portOffset?: number | undefined;
  readonly parts?: readonly StackPart[] | undefined;
}

/**
 * What a stack folder says about its stack. `portOffset` given: the stack is to use it from now on, which is refused while
 * it runs with another. `parts` given: what is to run beside the engines from now on.
 */
export async function stackFacts(
  environment: Environment,
  { portOffset, parts }: StackChoice = {},
): Promise<StackFacts> {
  const layout = stackLayout(environment);
  const stored = await readJson(layout.settingsFile);
  const known = stored === undefined ? undefined : settings.parse(stored);
  const before = known?.portOffset;
  const wanted = portOffset ?? before ?? 0;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > maxPortOffset) {
    throw new EltError('usage', `--port-offset ${wanted}: expected a whole number from 0 to ${maxPortOffset}.`);
  }
  if (before !== wanted && before !== undefined) refuseWhileRunning(layout, before, wanted);
  return {
    manifest: loadManifest(),
    layout,
    portOffset: wanted,
    ports: portsAt(wanted),
    secrets: await loadSecrets(layout.secretsFile),
    parts: parts ?? known?.parts ?? [],
  };
}

/** Remembers the port offset and the parts, so that the next command needs no flag. */
export async function rememberSettings({ layout, portOffset, parts }: StackFacts): Promise<void> {
  await writeAtomically(layout.settingsFile, `${JSON.stringify({ portOffset, parts })}\n`);
}

function refuseWhileRunning(layout: StackLayout, before: number, wanted: number): void {
  const running = services.filter(({ name }) => runningService(layout, name) !== undefined);
  if (running.length === 0) return;
  throw new EltError(
    'port-offset-differs',
    `The stack in ${layout.root} runs with port offset ${before}, not ${wanted}.`,
    {
      hint: 'elt stack down first, or give the second stack a folder of its own with ELT_STACK_DIR.',
    },
  );
}
