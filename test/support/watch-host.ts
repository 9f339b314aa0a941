import { setTimeout as sleep } from 'node:timers/promises';
import type { ProxyProcess } from './proxy-process.ts';

export interface Watched {
  /** Each that came, once, in the order of its first coming. */
  readonly statuses: readonly number[];
  /** Requests that got no answer. */
  readonly failures: readonly string[];
}

/** Asks for a host over and over, one request at a time, until it is told to end. */
export function watchHost(proxy: ProxyProcess, host: string): { end(): Promise<Watched> } {
  const statuses = new Set<number>();
  const failures: string[] = [];
  let going = true;
  const ended = (async () => {
    while (going) {
      await proxy.get(host).then(
        ({ status }) => statuses.add(status),
        (error: unknown) => failures.push(String(error)),
      );
      await sleep(5);
    }
  })();
  return {
    async end() {
      going = false;
      await ended;
      return { statuses: [...statuses], failures };
    },
  };
}
