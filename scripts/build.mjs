// npm run build: TypeScript to JavaScript, and the programs of src/bin with all they load in a few files each.
//   node scripts/build.mjs [--outDir dist]
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { execa } from 'execa';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const { values } = parseArgs({ options: { outDir: { type: 'string', default: 'dist' } } });
const outDir = resolve(root, values.outDir);

// Modules for scripts and the dashboard's pages; types were checked by `npm run check`, and are again here.
const compiler = ['-p', 'tsconfig.build.json', '--outDir', outDir];
const { exitCode } = await execa('tsc', compiler, { cwd: root, preferLocal: true, stdio: 'inherit', reject: false });
if (exitCode !== 0) process.exit(1);

// A command loads some hundred modules: as single files they cost more than all else that it does.
const programs = join(root, 'src/bin');
rmSync(join(outDir, 'parts'), { recursive: true, force: true });
await build({
  entryPoints: readdirSync(programs).map((name) => join(programs, name)),
  outdir: outDir,
  entryNames: 'bin/[name]',
  bundle: true,
  // A command's own parts are loaded when it is called.
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // ES modules where a package has both: what is not used is left out.
  mainFields: ['module', 'main'],
  // yargs measures the texts of --help with it: Unicode's segmenter and emoji cost half of the time of that command.
  alias: { 'string-width': 'fast-string-width' },
  // Serves files that lie beside its own.
  external: ['@bull-board/*'],
  // Packages that are no ES modules ask for Node's own by `require`.
  banner: {
    js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
  },
  logLevel: 'warning',
});
