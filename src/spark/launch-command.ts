/** What Spark's worker writes on top of a driver's stderr: its whole command, each word in quotes, inner quotes as they are. Pure. */

export interface LaunchCommand {
  /** `spark.app.name`. */
  readonly name: string;
  /** `spark.elt.runs`: whose run it is; null when the driver was started by something else. */
  readonly owner: string | null;
  /** The driver's one argument. */
  readonly argument: string | null;
}

/** Which control plane a driver belongs to: the Redis prefix of its runs. A Spark property, so that the launch command shows it. */
export const ownerProperty = 'spark.elt.runs';

/** Reads the `Launch Command` line of a driver's stderr; undefined while there is none. */
export function parseLaunchCommand(stderr: string, mainClass: string): LaunchCommand | undefined {
  const line = /^Launch Command: .*$/m.exec(stderr)?.[0];
  const name = line === undefined ? undefined : propertyOf(line, 'spark.app.name');
  if (line === undefined || name === undefined) return undefined;
  const main = `"${mainClass}" "`;
  const start = line.indexOf(main);
  const argument = start < 0 || !line.endsWith('"') ? null : line.slice(start + main.length, -1);
  return { name, owner: propertyOf(line, ownerProperty) ?? null, argument };
}

function propertyOf(line: string, key: string): string | undefined {
  const start = line.indexOf(`"-D${key}=`);
  if (start < 0) return undefined;
  const value = line.slice(start + key.length + 4);
  return value.slice(0, value.indexOf('"'));
}

/** Whether a `Launch Command` line starts the driver of this name. */
export function isLaunchOf(line: string, name: string): boolean {
  return line.includes(`"-Dspark.app.name=${name}"`);
}
