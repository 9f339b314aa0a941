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
  readonly backend: { readonly port: number; readonly pid: number };
  readonly load: (target: LoadTarget) => Promise<LoadResult>;
}

/** Slots in mirrored order, A B C C B A, round by round, after one unmeasured second for each. */
export async function contest(
  { rounds, seconds }: BenchContext,
  slots: Slots,
  { work, proxies, backend, load }: Contest,
): Promise<void> {
  // One second: the direct path has no proxy to differ in.
  const plan = { pids: [], backendPid: backend.pid, run: () => load({ port: backend.port, seconds: 1 }) };
  slots.addCeiling(work, await quietSlot(plan));
  for (const { port } of proxies) await load({ port, seconds: 1 });
  for (let round = 0; round < rounds; round++) {
    for (const proxy of [...proxies, ...proxies.toReversed()]) {
      const run = () => {
        emptyLog(proxy.accessLog);
        return load({ port: proxy.port, seconds });
      };
      const times = await quietSlot({ pids: processTree(proxy.pid), backendPid: backend.pid, run });
      slots.add({ work, proxy: proxy.name, round, ...times });
    }
  }
}
