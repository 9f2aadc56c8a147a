import type { Config } from '../commons/config.js';
import type { CliContext } from './context.js';

export interface RecoverArguments {
  readonly pipeline?: string;
  readonly stage?: 'extract' | 'transform';
  readonly yes: boolean;
}

export async function recoverOffsets(_context: CliContext, _config: Config, _args: RecoverArguments): Promise<void> {
  throw new Error('next commit');
}
