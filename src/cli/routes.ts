import { ask } from './ask.ts';
import type { ReachOptions } from './commands.ts';
import type { Terminal } from './terminal.ts';

/** `fairlead routes`: what is live, what is not, and why. */
export function routes(options: ReachOptions & { readonly json?: true }, terminal: Terminal): Promise<number> {
  return ask(`/routes?format=${options.json ? 'json' : 'text'}`, options, terminal);
}
