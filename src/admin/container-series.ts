import type { PeerTraffic, Traffic } from '../proxy/traffic.ts';

/** Containers that have series of their own. */
export const containersWithSeriesMax = 1_000;

/**
 * What went to containers, by name: a container that takes the place of another counts on, and those of one name on several engines
 * are one.
 */
export class ContainerSeries {
  readonly #max: number;
  readonly #byName = new Map<string, { requests: number; fails: number }>();
  #before: Traffic['peers'] = {};

  constructor({ max = containersWithSeriesMax } = {}) {
    this.#max = max;
  }

  /** @param names of all containers of the table, by id; those beyond the bound are left out. */
  look(names: ReadonlyMap<string, string>, peers: Traffic['peers']): ReadonlyMap<string, PeerTraffic> {
    const present = new Set(names.values());
    for (const name of this.#byName.keys()) if (!present.has(name)) this.#byName.delete(name);
    for (const name of present)
      if (this.#byName.size < this.#max && !this.#byName.has(name)) this.#byName.set(name, { requests: 0, fails: 0 });
    const inFlight = new Map<string, number>();
    for (const [id, now] of Object.entries(peers)) {
      const name = names.get(id) ?? '';
      const sum = this.#byName.get(name);
      if (sum === undefined) continue;
      const before = this.#before[id];
      const from = before === undefined || now.requests < before.requests ? none : before;
      sum.requests += now.requests - from.requests;
      sum.fails += now.fails - from.fails;
      inFlight.set(name, (inFlight.get(name) ?? 0) + now.inFlight);
    }
    this.#before = peers;
    return new Map([...this.#byName].map(([name, sum]) => [name, { ...sum, inFlight: inFlight.get(name) ?? 0 }]));
  }
}

const none: PeerTraffic = { inFlight: 0, requests: 0, fails: 0 };
