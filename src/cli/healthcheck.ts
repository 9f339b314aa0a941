import { adminTarget, askAdmin, NotRunning } from './admin-client.ts';
import type { ReachOptions } from './commands.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { readWhoamiMark } from './whoami-mark.ts';

/** `fairlead healthcheck`, for HEALTHCHECK in an image: 0 when the proxy is ready (or, with `--live`, alive), else 1. */
export async function healthcheck(
  options: ReachOptions & { readonly live?: true },
  terminal: Terminal,
): Promise<number> {
  const target = adminTarget(options, terminal.env);
  if (typeof target === 'string') {
    terminal.err(`fairlead: ${target}\n`);
    return exitCodes.cannotRun;
  }
  try {
    const { status, body } = await askAdmin(target, { path: `/${options.live ? 'healthz' : 'readyz'}?format=text` });
    terminal.out(body);
    return status === 200 ? exitCodes.ok : exitCodes.no;
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    const whoamiPort = readWhoamiMark(terminal.env);
    if (whoamiPort !== null && (await answersWell(whoamiPort))) return exitCodes.ok;
    terminal.err(`fairlead: ${error.message}\n`);
    return exitCodes.no;
  }
}

/** Of a `whoami` in our image: it has no socket of commands. */
async function answersWell(port: number): Promise<boolean> {
  const target = { options: { host: '127.0.0.1', port }, token: null, text: `port ${port}` };
  try {
    return (await askAdmin(target, { path: '/health' })).status === 200;
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    return false;
  }
}
