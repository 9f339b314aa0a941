import { ask } from './ask.ts';
import type { ReachOptions } from './commands.ts';
import type { Terminal } from './terminal.ts';

/** `fairlead certs`: how each certificate stands, and what to do where there is something to do. */
export function certs(options: ReachOptions & { readonly json?: true }, terminal: Terminal): Promise<number> {
  return ask(`/certs?format=${options.json ? 'json' : 'text'}`, options, terminal);
}
