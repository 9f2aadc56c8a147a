// npm run generate:monitoring: writes what is made from the catalogues of metrics and alerts (Prometheus' rules, Grafana's files) into infra/,
// with the thresholds of elt.yaml. After npm run build.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const { loadConfig } = await import(join(root, 'dist/commons/config.js'));
const { monitoringFiles } = await import(join(root, 'dist/monitoring/files.js'));

const { alerts } = loadConfig({ env: {}, cwd: root });
for (const [name, text] of monitoringFiles(alerts)) {
  const path = join(root, 'infra', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`infra/${name}`);
}
