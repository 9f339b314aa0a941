import type { Log } from '../../base/log.ts';
import type { PurgeMemory } from './purge-memory.ts';
import { announcePurge, everything, readPurges, type SharedRule } from './purge-script.ts';
import type { RedisLink } from './redis-link.ts';

export interface PurgesWorld {
  readonly link: Pick<RedisLink, 'send'>;
  readonly memory: PurgeMemory;
  readonly log: Log;
  /** A name of this process. */
  readonly proxy: string;
  /** Drops what was stored until now. @returns whether it is done. */
  readonly purge: (rule: SharedRule) => Promise<boolean>;
}

/**
 * Purges that all proxies of one store carry out: each is an entry of a stream that names the one before it. Who was away
 * reads on where it stopped; who finds that the chain has a gap, or that it is another one, drops everything.
 */
export class SharedPurges {
  readonly #world: PurgesWorld;
  #telling: Promise<void> = Promise.resolve();

  constructor(world: PurgesWorld) {
    this.#world = world;
  }

  /** Purges that the others have not been told of. */
  get untold(): number {
    return this.#world.memory.state.untold.length;
  }

  /** What we have dropped, the others are to drop too. @returns whether they are told; else they will be. Never rejects. */
  async announce(rule: SharedRule): Promise<boolean> {
    this.#world.memory.add(rule);
    await this.#tell().catch(() => {});
    return this.untold === 0;
  }

  /** Tells what is untold, and carries out what was announced since. @throws as RedisLink.send. */
  async look(): Promise<void> {
    await this.#tell();
    const { link, memory } = this.#world;
    for (;;) {
      const { seen } = memory.state;
      const { newest, announcements } = await readPurges(link, seen === '' ? '0-0' : seen);
      const first = announcements[0];
      if (seen === '' || (first?.after ?? newest) !== seen) {
        if (await this.#dropAll(seen)) memory.see(newest);
        return;
      }
      if (first === undefined) return;
      for (const { id, from, rule } of announcements) {
        if (from !== this.#world.proxy && !(await this.#carryOut(rule ?? everything))) return;
        memory.see(id);
      }
    }
  }

  /** One after the other: none is told twice, or out of turn. */
  #tell(): Promise<void> {
    const before = this.#telling;
    this.#telling = before
      .catch(() => {})
      .then(async () => {
        const { link, memory, proxy } = this.#world;
        for (let rule = memory.state.untold[0]; rule !== undefined; rule = memory.state.untold[0]) {
          await announcePurge(link, proxy, rule);
          memory.told(rule);
        }
      });
    return this.#telling;
  }

  async #carryOut(rule: SharedRule): Promise<boolean> {
    const done = await this.#world.purge(rule);
    if (done) this.#world.log.info({ ...rule }, 'another proxy has purged the cache, and so did this one');
    return done;
  }

  async #dropAll(seen: string): Promise<boolean> {
    const done = await this.#world.purge(everything);
    if (done && seen !== '')
      this.#world.log.warn({}, 'purges of other proxies may have been missed: the whole cache was dropped');
    return done;
  }
}
