import { join } from 'node:path';
import { EltError } from '../commons/errors.js';
import type { Progress } from './downloads.js';
import type { Environment } from './layout.js';
import { engine, type Manifest } from './manifest.js';
import { runTool } from './run-tool.js';
import { findProgram } from './tools.js';

/** Where Go's own archives put it, which many a PATH lacks. */
const goFolders = ['/usr/local/go/bin'];

/**
 * Builds Telegraf with the few plugins that are needed, into `folder`. Go checks every module against its checksum database.
 * @throws EltError `missing-tool` when there is no Go
 */
export async function buildTelegraf(
  manifest: Manifest,
  folder: string,
  environment: Environment,
  { report, signal }: Progress,
  folders: readonly string[] = goFolders,
): Promise<void> {
  const { version, go: program } = engine(manifest, 'telegraf');
  if (program === undefined) throw new Error('infra/manifest.json does not say how telegraf is built');
  const go = findProgram('go', { PATH: [environment.PATH ?? '', ...folders].join(':') });
  if (go === undefined) {
    throw new EltError(
      'missing-tool',
      'Metrics need Telegraf, which is built once with Go: "go" was not found in PATH.',
      {
        hint: `Install Go 1.24 or newer and put it into PATH, or start the stack without metrics: elt stack up --with none`,
      },
    );
  }
  report(`Building Telegraf ${version} with ${go}: once, about two minutes`);
  const startedAt = Date.now();
  const heartbeat = setInterval(
    () => report(`Telegraf: still building, ${Math.round((Date.now() - startedAt) / 1000)} s`),
    15_000,
  );
  try {
    const tags = program.tags.join(',');
    await runTool(go, ['install', '-trimpath', '-tags', tags, '-ldflags', '-s -w', `${program.module}@v${version}`], {
      cwd: folder,
      signal,
      environment: { ...process.env, GOBIN: folder, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false' },
    });
    await runTool(join(folder, 'telegraf'), ['version'], { signal });
  } finally {
    clearInterval(heartbeat);
  }
}
