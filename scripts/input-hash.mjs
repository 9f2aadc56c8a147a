// One number for the content of files and folders: has anything changed since?
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The SHA-256 of all files below `paths` (files or folders in `root`; missing ones count as empty) and of `version`. */
export function hashOf(root, paths, version) {
  const hash = createHash('sha256').update(version);
  for (const path of paths.flatMap((one) => filesBelow(root, one))) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

function filesBelow(root, path) {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesBelow(root, join(path, name)));
}
