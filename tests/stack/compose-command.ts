/** What docker-compose.yml starts in a container, for a program of the native stack. */
import { composeFile } from '../compose/compose-file.js';
import type { Replacements } from './rendered-config.js';

/** The words of its command, without the program's name where it begins with that; names and places of containers replaced. */
export function composeArguments(service: string, replacements: Replacements): string[] {
  const words = composeFile().services[service]?.command ?? [];
  if (words.length === 0) throw new Error(`docker-compose.yml gives ${service} no command`);
  const flags = words[0]?.startsWith('-') ? words : words.slice(1);
  return flags.map((word) => replacements.reduce((sum, [from, to]) => sum.replaceAll(from, to), word));
}
