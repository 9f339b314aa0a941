import type { BenchContext } from './bench.ts';
import type { LoadResult, LoadTarget } from './load.ts';
import { processTree } from './process-tree.ts';
import type { Contender } from './proxies/contender.ts';
import { quietSlot } from './quiet-slot.ts';
import type { Slots } from './slots.ts';
import { emptyLog } from './workspace.ts';

/** What is loaded, under the name that its slots get. */
export type Runner = Pick<Contender, 'name' | 'port' | 'pid' | 'accessLog'>;

/** One kind of work that several proxies are given in turn. */
export interface Contest {
  readonly work: string;
  readonly proxies: readonly Runner[];
  /** Its port where the client can speak to it without a proxy, which gives the ceiling; else null. */
  readonly backend: { readonly port: number | null; readonly pid: number };
  /** @param runner is undefined where the client goes straight to the backend. */
  readonly load: (target: LoadTarget, runner?: Runner) => Promise<LoadResult>;
}

/** Slots in mirrored order, A B C C B A, round by round, after one unmeasured second for each. */
export async function contest(
  { rounds, seconds }: BenchContext,
  slots: Slots,
  { work, proxies, backend, load }: Contest,
): Promise<void> {
  const { port: direct, pid: backendPid } = backend;
  if (direct !== null) {
    // One second: the direct path has no proxy to differ in.
    slots.addCeiling(work, await quietSlot({ pids: [], backendPid, run: () => load({ port: direct, seconds: 1 }) }));
  }
  for (const proxy of proxies) await load({ port: proxy.port, seconds: 1 }, proxy);
  for (let round = 0; round < rounds; round++) {
    for (const proxy of [...proxies, ...proxies.toReversed()]) {
      const run = () => {
        emptyLog(proxy.accessLog);
        return load({ port: proxy.port, seconds }, proxy);
      };
      const times = await quietSlot({ pids: processTree(proxy.pid), backendPid, run });
      if (times.requests === 0) throw new Error(`${proxy.name} answered nothing in "${work}"`);
      slots.add({ work, proxy: proxy.name, round, ...times });
    }
  }
}
