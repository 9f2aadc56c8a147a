import { join } from 'node:path';
import type { StackContext } from '../service.js';

/** Java 17's program. */
export function java17(context: StackContext): string {
  return join(context.tools.javaHome, 'bin', 'java');
}

/** Flags for a small server that should start fast. */
export const smallServer = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  '-Djava.awt.headless=true',
];
