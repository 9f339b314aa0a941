import { ask } from './ask.ts';
import type { ReachOptions } from './commands.ts';
import type { Terminal } from './terminal.ts';

/** `fairlead certs root`: the roots of the internal CA as PEM, for who cannot reach the admin address, as from outside a container. */
export function root(options: ReachOptions, terminal: Terminal): Promise<number> {
  return ask('/certs/root.pem?format=text', options, terminal);
}
