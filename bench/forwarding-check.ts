import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './get.ts';
import { type Contender, forwardedNames } from './proxies/contender.ts';

const withinMs = 15_000;

/** Makes sure before anything is timed that a proxy serves and does the header work. Throws with what is missing. */
export async function checkForwarding(proxy: Contender, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const problem = await missing(proxy);
    if (problem === null) return;
    if (performance.now() > deadlineMs) throw new Error(`${proxy.name} cannot be compared: ${problem}`);
    await sleep(20);
  }
}

async function missing({ port }: Contender): Promise<string | null> {
  try {
    const { status, body } = await get({ port, path: '/echo' });
    if (status !== 200) return `it answers ${status}`;
    const names = [...body.matchAll(/^([\w-]+): \S/gm)].map(([, name = '']) => name.toLowerCase());
    const absent = ['host', ...forwardedNames].filter((name) => !names.includes(name));
    return absent.length === 0 ? null : `the backend does not see ${absent.join(', ')}`;
  } catch (error) {
    return String(error);
  }
}
