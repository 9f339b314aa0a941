import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Ping = { readonly answers: true } | { readonly answers: false; readonly reason: string };

/** Asks the engine behind a Unix socket whether it lives. Never throws; a silent engine counts as dead after 3 s. */
export async function ping(socketPath: string): Promise<Ping> {
  try {
    const { status } = await engineGet(socketPath, '/_ping');
    return status === 200 ? { answers: true } : { answers: false, reason: `/_ping answered ${status}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { answers: false, reason: code === 'EACCES' ? 'permission denied' : (code ?? message) };
  }
}

/**
 * Why the containers of an engine cannot be dialled from this machine, or undefined where they can.
 * The proxy dials containers at their own addresses, so the engine has to share this machine's network.
 */
export async function outOfReach(socketPath: string): Promise<string | undefined> {
  const { body } = await engineGet(socketPath, '/info');
  const info = JSON.parse(body) as { OperatingSystem?: string; SecurityOptions?: string[] | null };
  if (info.OperatingSystem === 'Docker Desktop')
    return 'it is Docker Desktop, whose containers live in a machine of their own';
  if (info.SecurityOptions?.some((option) => option.includes('rootless'))) {
    return 'it runs rootless, with its containers in a network of their own';
  }
  return undefined;
}

/** Waits until the engine answers. `failed` is asked between the attempts and ends the wait with its message. */
export async function untilAnswering(
  socketPath: string,
  { timeoutMs, failed }: { timeoutMs: number; failed: () => string | undefined },
): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ping(socketPath);
    if (answer.answers) return;
    const failure = failed();
    if (failure) throw new Error(failure);
    if (Date.now() > end) throw new Error(`the engine did not answer within ${timeoutMs / 1000} s (${answer.reason})`);
    await sleep(50);
  }
}

function engineGet(socketPath: string, path: string): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const asked = request({ socketPath, path, agent: false, timeout: 3000 }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body })).on('error', reject);
  });
  asked.on('timeout', () => asked.destroy(new Error('no answer within 3 s'))).on('error', reject);
  asked.end();
  return promise;
}
