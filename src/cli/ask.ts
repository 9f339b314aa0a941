import { type AdminAnswer, type AdminQuestion, adminTarget, askAdmin, NotRunning } from './admin-client.ts';
import type { ReachOptions } from './commands.ts';
import { exitCodes, type Terminal } from './terminal.ts';

/** Asks the running proxy and prints what it says: exit 0, or 2 where it cannot be asked or refuses. */
export async function ask(path: string, reach: ReachOptions, terminal: Terminal): Promise<number> {
  const answer = await answerOf({ path }, reach, terminal);
  if (answer === null) return exitCodes.cannotRun;
  if (answer.status < 400) {
    terminal.out(answer.body);
    return exitCodes.ok;
  }
  terminal.err(answer.body);
  return exitCodes.cannotRun;
}

/** What the running proxy answers; null where it cannot be asked, which has been said then. */
export async function answerOf(
  question: AdminQuestion,
  reach: ReachOptions,
  terminal: Terminal,
): Promise<AdminAnswer | null> {
  const target = adminTarget(reach, terminal.env);
  if (typeof target === 'string') {
    terminal.err(`fairlead: ${target}\n`);
    return null;
  }
  try {
    return await askAdmin(target, question);
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    terminal.err(`fairlead: ${error.message}\n`);
    return null;
  }
}
