import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { EltError } from '../commons/errors.js';
import { exists } from './files.js';
import { runTool } from './run-tool.js';

const path = 'usr/share/prometheus/alertmanager';

/**
 * Debian's Alertmanager reads its templates from a fixed place of the system, wherever the program itself is, and does not start
 * without them. Puts those of the unpacked package (below `home`) there, unless some are there.
 *
 * @param system root of the file system; tests use another one
 * @throws EltError `missing-tool` with the command for an administrator
 */
export async function placeAlertmanagerTemplates(home: string, system = '/'): Promise<void> {
  const from = join(home, path);
  const to = join(system, path);
  if (await exists(join(to, 'default.tmpl'))) return;
  await cp(from, to, { recursive: true })
    .catch(() => runTool('sudo', ['--non-interactive', 'cp', '--recursive', '--no-target-directory', from, to]))
    .catch((cause: Error) => {
      throw new EltError('missing-tool', `Alertmanager needs its templates in ${to}: they could not be put there.`, {
        kind: 'external',
        cause,
        hint: `sudo mkdir -p ${to} && sudo cp -rT ${from} ${to}`,
      });
    });
}
