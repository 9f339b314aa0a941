import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';

/** Times of each part of a table swap, in ms, one per swap. */
export interface SwapParts {
  /** Labels of the one container that changed; the others are remembered. */
  readonly labels: readonly number[];
  readonly build: readonly number[];
  readonly compare: readonly number[];
  /** The part of the table that changed, written as bytes. */
  readonly pack: readonly number[];
  /** The bytes through the channel to the data plane, and on to a worker. */
  readonly hand: readonly number[];
  /** Read and compiled in the thread that serves, a little per turn; and the longest of these turns. */
  readonly take: readonly number[];
  readonly longestTurn: readonly number[];
}

/** Measures the parts in a process of its own. */
export async function swapParts(options: {
  readonly routes: number;
  readonly times: number;
  readonly core: number;
  readonly dir: string;
}): Promise<{ parts: SwapParts; bytes: number }> {
  const { routes, times, core, dir } = options;
  const file = fileURLToPath(new URL('./swap-parts-process.ts', import.meta.url));
  await using child = new Child('swap-parts', process.execPath, [file, String(routes), String(times)], {
    core,
    dir,
    ipc: true,
  });
  // Awaited here: the child must live until it has answered.
  return await child.message({ withinMs: 60_000 });
}
