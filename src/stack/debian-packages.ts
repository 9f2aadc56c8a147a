import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EltError } from '../commons/errors.js';
import type { Progress } from './downloads.js';
import type { Environment } from './layout.js';
import { runTool } from './run-tool.js';
import { findProgram } from './tools.js';

/** Prometheus and Alertmanager where PATH has all of them. */
export function debianPrograms(environment: Environment) {
  const prometheus = findProgram('prometheus', environment);
  const promtool = findProgram('promtool', environment);
  const alertmanager = findProgram('prometheus-alertmanager', environment) ?? findProgram('alertmanager', environment);
  const amtool = findProgram('amtool', environment);
  if (!prometheus || !promtool || !alertmanager || !amtool) return undefined;
  return { prometheus, promtool, alertmanager, amtool };
}

/**
 * Fetches Debian packages by apt, which checks their signatures, and unpacks them into `folder`. They are not installed: their services
 * would start, and Alertmanager's takes the port of Kafka's controller.
 */
export async function unpackDebianPackages(
  packages: readonly string[],
  folder: string,
  { report, signal }: Progress,
): Promise<void> {
  report(`apt: fetching ${packages.join(' ')}`);
  const fetch = () => runTool('apt-get', ['download', '-qq', ...packages], { cwd: folder, signal });
  // Package lists may be absent or old: read them anew only when it fails without.
  await fetch()
    .catch(async () => {
      await runTool('apt-get', ['update', '-qq'], { signal });
      await fetch();
    })
    .catch((cause: Error) => {
      throw new EltError('missing-tool', `Metrics need ${packages.join(' and ')}: ${cause.message}`, {
        kind: 'external',
        cause,
        hint: 'sudo apt-get update, then again; or put prometheus, promtool, alertmanager and amtool into PATH.',
      });
    });
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.deb'))) {
    await runTool('dpkg-deb', ['--extract', join(folder, name), folder], { signal });
  }
}
