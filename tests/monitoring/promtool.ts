import { cacheRoot } from '../../src/stack/layout.js';
import { loadManifest } from '../../src/stack/manifest.js';
import { preparePrometheus } from '../../src/stack/metrics-programs.js';

/** Prometheus' own checker: the system's, or the one that the native stack uses. */
export async function promtoolPath(): Promise<string> {
  const progress = { report: () => {}, signal: AbortSignal.timeout(240_000) };
  return (await preparePrometheus(loadManifest(), cacheRoot(process.env), process.env, progress)).promtool;
}
