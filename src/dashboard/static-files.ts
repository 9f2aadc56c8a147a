import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reply } from './http.js';
import type { Route } from './route.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Pages and pictures as they are in the repository; scripts as the build makes them. */
const assets = new URL('../../src/dashboard/assets/', import.meta.url);
const scripts = new URL('../../dist/dashboard/browser/', import.meta.url);

/** A page of ours. */
export async function page(name: string): Promise<Reply> {
  return await file(new URL(name, assets));
}

/** Files that any page needs, the one for logging in too: nothing in them is secret. Names have no slash and no leading dot. */
export const staticRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/assets\/([a-z][a-z-]*\.(?:css|svg))$/,
    access: 'open',
    handle: async ({ caught: [name = ''] }) => await file(new URL(name, assets)),
  },
  {
    method: 'GET',
    path: /^\/assets\/([a-z][a-z-]*\.js)$/,
    access: 'open',
    handle: async ({ caught: [name = ''] }) => await file(new URL(name, scripts)),
  },
];

async function file(url: URL): Promise<Reply> {
  try {
    const path = fileURLToPath(url);
    return { status: 200, type: types[extname(path)] ?? 'application/octet-stream', body: await readFile(path) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { status: 404, type: 'text/plain; charset=utf-8', body: 'There is no such file.\n' };
  }
}
