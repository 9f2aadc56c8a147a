import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { placeAlertmanagerTemplates } from './alertmanager-templates.js';
import { buildTelegraf } from './build-telegraf.js';
import { debianPrograms, unpackDebianPackages } from './debian-packages.js';
import { download, type Progress } from './downloads.js';
import { withLock } from './file-lock.js';
import { exists } from './files.js';
import type { Environment } from './layout.js';
import { engine, fileName, homeName, type Manifest } from './manifest.js';
import { runTool } from './run-tool.js';

/** Where the programs of the metrics chain are. */
export interface MetricsPrograms {
  /** StatsD's main module, for Node. */
  readonly statsd: string;
  readonly telegraf: string;
  readonly prometheus: string;
  readonly promtool: string;
  readonly alertmanager: string;
  readonly amtool: string;
}

/** Makes sure that the programs of the metrics chain are there: fetched, or built, once. Safe to run twice at once. */
export async function prepareMetricsPrograms(
  manifest: Manifest,
  cache: string,
  environment: Environment,
  progress: Progress,
): Promise<MetricsPrograms> {
  const folder = join(cache, 'metrics');
  await mkdir(folder, { recursive: true });
  const wait = () => progress.report('Another set-up is preparing the metrics programs: waiting for it');
  return await withLock(join(cache, 'metrics.lock'), wait, async () => {
    await removeLeftovers(folder);
    const home = (name: 'statsd' | 'telegraf') => join(folder, homeName(manifest, name, 1));
    await once(home('statsd'), (fresh) => unpackStatsd(manifest, fresh, progress));
    await once(home('telegraf'), (fresh) => buildTelegraf(manifest, fresh, environment, progress));
    const rest = await prometheusPrograms(manifest, folder, environment, progress);
    if (rest.alertmanager.startsWith(prometheusHome(folder))) await placeAlertmanagerTemplates(prometheusHome(folder));
    return {
      statsd: join(home('statsd'), 'node_modules', 'statsd', 'stats.js'),
      telegraf: join(home('telegraf'), 'telegraf'),
      ...rest,
    };
  });
}

type PrometheusPrograms = Pick<MetricsPrograms, 'prometheus' | 'promtool' | 'alertmanager' | 'amtool'>;

/** Prometheus and Alertmanager alone: the system's, or unpacked from its packages without installing them. */
export async function preparePrometheus(
  manifest: Manifest,
  cache: string,
  environment: Environment,
  progress: Progress,
): Promise<PrometheusPrograms> {
  const folder = join(cache, 'metrics');
  await mkdir(folder, { recursive: true });
  const wait = () => progress.report('Another set-up is preparing the metrics programs: waiting for it');
  return await withLock(join(cache, 'metrics.lock'), wait, () =>
    prometheusPrograms(manifest, folder, environment, progress),
  );
}

async function prometheusPrograms(
  manifest: Manifest,
  folder: string,
  environment: Environment,
  progress: Progress,
): Promise<PrometheusPrograms> {
  const ofSystem = debianPrograms(environment);
  if (ofSystem !== undefined) return ofSystem;
  const home = prometheusHome(folder);
  await once(home, (fresh) => unpackDebianPackages(engine(manifest, 'prometheus').apt ?? [], fresh, progress));
  return debianPrograms({ PATH: join(home, 'usr', 'bin') }) as PrometheusPrograms;
}

function prometheusHome(folder: string): string {
  return join(folder, 'prometheus-debian');
}

/** A folder appears complete or not at all. */
async function once(home: string, make: (fresh: string) => Promise<void>): Promise<void> {
  const isThere = await exists(home);
  if (isThere) return;
  const fresh = await mkdtemp(join(home, '..', '.preparing-'));
  try {
    await chmod(fresh, 0o755);
    await make(fresh);
    await rename(fresh, home);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** What an interrupted set-up left. Only called under the lock. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('.')) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** npm's archives, side by side, where Node looks for packages. */
export async function unpackStatsd(manifest: Manifest, home: string, progress: Progress): Promise<void> {
  const { artifacts } = engine(manifest, 'statsd');
  await download(artifacts, home, progress);
  for (const file of artifacts.map(fileName)) {
    const folder = join(home, 'node_modules', file.replace(/-\d[^-]*\.tgz$/, ''));
    await mkdir(folder, { recursive: true });
    await runTool('tar', ['-xzf', join(home, file), '-C', folder, '--no-same-owner', '--strip-components=1']);
  }
}
