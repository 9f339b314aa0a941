import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './get.ts';
import { getOverHttp2 } from './get-http2.ts';
import { type Contender, forwardedNames } from './proxies/contender.ts';

const withinMs = 15_000;

/** How a proxy is asked: in plain HTTP/1.1, or over TLS. */
export type Protocol = 'http' | 'https' | 'http2';

/** Makes sure before anything is timed that a proxy serves and does the header work. Throws with what is missing. */
export async function checkForwarding(
  proxy: Contender,
  { protocol, signal }: { protocol: Protocol; signal: AbortSignal },
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const problem = await missing(proxy, protocol);
    if (problem === null) return;
    if (performance.now() > deadlineMs) throw new Error(`${proxy.name} cannot be compared by ${protocol}: ${problem}`);
    await sleep(20);
  }
}

async function missing({ port }: Contender, protocol: Protocol): Promise<string | null> {
  try {
    const { status, body } =
      protocol === 'http2'
        ? await getOverHttp2({ port, path: '/echo' })
        : await get({ port, path: '/echo', secure: protocol === 'https' });
    if (status !== 200) return `it answers ${status}`;
    const names = [...body.matchAll(/^([\w-]+): \S/gm)].map(([, name = '']) => name.toLowerCase());
    const absent = ['host', ...forwardedNames].filter((name) => !names.includes(name));
    if (absent.length > 0) return `the backend does not see ${absent.join(', ')}`;
    const scheme = protocol === 'http' ? 'http' : 'https';
    return new RegExp(`^x-forwarded-proto: ${scheme}\r?$`, 'im').test(body)
      ? null
      : `it does not say ${scheme} to the backend`;
  } catch (error) {
    return String(error);
  }
}
