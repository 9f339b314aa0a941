import { adminTarget, askAdmin, NotRunning } from './admin-client.ts';
import type { ReachOptions } from './commands.ts';
import { exitCodes, type Terminal } from './terminal.ts';

/** Asks the running proxy and prints what it says: exit 0, or 2 where it cannot be asked or refuses. */
export async function ask(path: string, reach: ReachOptions, terminal: Terminal): Promise<number> {
  const target = adminTarget(reach, terminal.env);
  if (typeof target === 'string') {
    terminal.err(`fairlead: ${target}\n`);
    return exitCodes.cannotRun;
  }
  try {
    const { status, body } = await askAdmin(target, path);
    if (status < 400) {
      terminal.out(body);
      return exitCodes.ok;
    }
    terminal.err(body);
    return exitCodes.cannotRun;
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    terminal.err(`fairlead: ${error.message}\n`);
    return exitCodes.cannotRun;
  }
}
