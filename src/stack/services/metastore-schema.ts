import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../files.js';
import { runTool } from '../run-tool.js';
import type { StackContext } from '../service.js';

/** A file that says that the metastore's tables are complete; it lives and dies with the database's data. */
export function schemaMarker(context: StackContext): string {
  return join(context.layout.data, 'mariadb', '.metastore-schema-3.1');
}

/** Makes the metastore's tables once. The schema tool may run only once: it fails where tables exist. */
export async function createSchema(context: StackContext, java: string, flags: readonly string[]): Promise<void> {
  const marker = schemaMarker(context);
  const isComplete = await exists(marker);
  if (isComplete) return;
  const tool = 'org.apache.hadoop.hive.metastore.tools.MetastoreSchemaTool';
  await runTool(java, [...flags, tool, '-dbType', 'mysql', '-initSchema'], {
    environment: { ...process.env, METASTORE_HOME: context.homes.metastore },
  });
  await writeFile(marker, '');
}
