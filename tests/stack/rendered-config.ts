/** The configuration that docker-compose.yml's engines would read, for the real engines of the native stack. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa, type Options, type ResultPromise } from 'execa';
import { configSchema } from '../../src/commons/config-schema.js';
import { renderComposeConfig } from '../../src/stack/compose-config.js';
import { engineHomes } from '../../src/stack/engine-homes.js';
import { cacheRoot } from '../../src/stack/layout.js';
import { loadManifest } from '../../src/stack/manifest.js';
import { findTools } from '../../src/stack/tools.js';
import { exampleEnvironment } from '../compose/compose-file.js';

export const manifest = loadManifest();
export const tools = findTools(manifest, process.env, false);
export const homes = engineHomes(manifest, cacheRoot(process.env));
export const java = join(tools.javaHome, 'bin', 'java');

export type Replacements = readonly (readonly [string | RegExp, string])[];

/** All files in a folder of their own, and the engines that were started with them. */
export class RenderedConfig {
  readonly folder: string;
  readonly #started: ResultPromise[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(env: Readonly<Record<string, string>> = {}): Promise<RenderedConfig> {
    const folder = mkdtempSync(join(tmpdir(), 'elt-compose-'));
    const { alerts } = configSchema.parse({ pipelines: {} });
    await renderComposeConfig({ ...exampleEnvironment(), ...env }, alerts, folder);
    return new RenderedConfig(folder);
  }

  /** A rendered file with the names and places of containers replaced by those of this test. */
  here(file: string, replacements: Replacements, target = `${file}.here`): string {
    const text = readFileSync(join(this.folder, file), 'utf8');
    return this.write(
      target,
      replacements.reduce((sum, [from, to]) => sum.replaceAll(from, to), text),
    );
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Starts a program; `close` ends it. Its output is kept. */
  start(file: string, args: readonly string[], options: Options = {}): ResultPromise {
    const child = execa(file, args, {
      reject: false,
      all: true,
      cwd: this.folder,
      ...options,
    } as object) as ResultPromise;
    this.#started.push(child);
    return child;
  }

  async close(): Promise<void> {
    for (const child of this.#started) child.kill('SIGKILL');
    await Promise.allSettled(this.#started);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function retried<T>(act: () => Promise<T>, limitMs = 90_000): Promise<T> {
  for (const deadline = Date.now() + limitMs; ; ) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
