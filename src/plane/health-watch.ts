import { deserialize } from 'node:v8';
import type { Clock, Timer } from '../base/clock.ts';
import { hostAndPort } from '../http/authority.ts';
import type { Route } from '../routing/table.ts';
import type { CheckFailure } from '../upstream/health/check-failure.ts';
import { nextCheckMs } from '../upstream/health/check-pace.ts';
import type { Gate } from '../upstream/health/gate.ts';
import { afterCheck, type Health, newHealth } from '../upstream/health/health.ts';
import { peerId } from '../upstream/peer.ts';
import type { Checked, Probe, Probing } from './health-probe.ts';
import type { HealthNews } from './messages.ts';
import type { PackedTable } from './packed-table.ts';

/** Checks under way at once, whatever the number of containers. */
const probesMax = 64;
/** Where `health.timeout` is off: nothing waits for ever. */
const timeoutMsMax = 60_000;
/** A connection that stands not by then is tried anew: the kernel would say its SYN again after a second, and we are as quick. */
const gateConnectMsMax = 1_000;

/**
 * So many ms lie between two checks on average, of the healthy ones and of the others each: with very many containers each is
 * asked less often than its labels say, so that checks never take more than a few per cent of a core.
 */
const paceMs = { healthy: 4, others: 1 };

interface Target {
  readonly id: string;
  readonly backend: Checked;
  health: Health;
  /** null once it has passed. */
  failure: CheckFailure | null;
  next: Timer | null;
  probing: Probing | null;
}

export interface HealthWatchOptions {
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly probe: Probe;
  /** For the workers, at once. */
  readonly onGates: (gates: readonly Gate[]) => void;
  /** There is news of a change; see `news`. */
  readonly onNews: () => void;
}

/**
 * Checks the backends of the table that say how they want to be checked, for as long as the table lets requests in to them: one
 * that stops and starts is new. Known by peer, so a swap that does not concern one changes nothing about its checks.
 */
export class HealthWatch {
  readonly #options: HealthWatchOptions;
  /** What is to be checked by each part of the table. */
  #parts = new Map<number, ReadonlyMap<string, Checked>>();
  readonly #targets = new Map<string, Target>();
  /** Those whose time has come, by how much depends on it: never asked, not healthy, healthy. In their order. */
  readonly #lanes: readonly [Set<Target>, Set<Target>, Set<Target>] = [new Set(), new Set(), new Set()];
  readonly #untold = new Set<string>();
  #probing = 0;
  #healthy = 0;
  #telling = false;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
  }

  /** @param table with the bytes of all parts. */
  take({ parts }: PackedTable): void {
    const before = this.#parts;
    this.#parts = new Map(parts.map(({ id, bytes }) => [id, before.get(id) ?? toCheck(bytes)]));
    const wanted = new Map([...this.#parts.values()].flatMap((part) => [...part]));
    const gone = [...this.#targets.values()].filter(({ id }) => !wanted.has(id));
    for (const target of gone) this.#end(target);
    if (gone.length > 0) this.#options.onGates(gone.map(({ id }) => ({ peer: id, state: 'starting' })));
    for (const [id, backend] of wanted) if (!this.#targets.has(id)) this.#begin(id, backend);
    this.#fill();
  }

  /** All of them, for a worker that knows none. */
  gates(): readonly Gate[] {
    return [...this.#targets.values()].map(({ id, health }) => ({ peer: id, state: health.state }));
  }

  /** What has changed since it was asked last, failures that change no state included. */
  news(): readonly HealthNews[] {
    const news = [...this.#untold].map((id) => newsOf(id, this.#targets.get(id)));
    this.#untold.clear();
    return news;
  }

  close(): void {
    for (const target of this.#targets.values()) this.#end(target);
  }

  #begin(id: string, backend: Checked): void {
    const health = newHealth(this.#options.clock.monotonic());
    const target: Target = { id, backend, health, failure: null, next: null, probing: null };
    this.#targets.set(id, target);
    this.#untold.add(id);
    this.#lanes[0].add(target);
  }

  #end(target: Target): void {
    this.#targets.delete(target.id);
    this.#untold.add(target.id);
    if (target.health.state === 'healthy') this.#healthy--;
    for (const lane of this.#lanes) lane.delete(target);
    target.next?.cancel();
    if (target.probing === null) return;
    target.probing.abort();
    target.probing = null;
    this.#probing--;
  }

  #fill(): void {
    while (this.#probing < probesMax) {
      const target = this.#first();
      if (target === null) return;
      this.#probe(target);
    }
  }

  #first(): Target | null {
    for (const lane of this.#lanes) {
      for (const target of lane) {
        lane.delete(target);
        return target;
      }
    }
    return null;
  }

  #probe(target: Target): void {
    const { check } = target.backend;
    const patienceMs = check.timeoutMs === 0 ? timeoutMsMax : check.timeoutMs;
    const timeoutMs =
      check.kind === 'tcp' && target.health.state !== 'healthy' ? Math.min(patienceMs, gateConnectMsMax) : patienceMs;
    this.#probing++;
    target.probing = this.#options.probe(target.backend, {
      timeoutMs,
      onEnd: (failure) => {
        this.#probing--;
        target.probing = null;
        this.#heard(target, failure);
        this.#fill();
      },
    });
  }

  #heard(target: Target, failure: string | null): void {
    const { clock, random, onGates } = this.#options;
    const { check } = target.backend;
    const before = target.health.state;
    const nowMs = clock.monotonic();
    target.health = afterCheck(target.health, failure === null ? 'passed' : 'failed', check, nowMs);
    const { state } = target.health;
    if (failure !== null || target.failure !== null || state !== before) this.#untold.add(target.id);
    const count = (target.failure?.count ?? 0) + 1;
    target.failure = failure === null ? null : { what: failure, count, lastMs: clock.now() };
    if (state !== before) {
      if (state === 'healthy') this.#healthy++;
      else if (before === 'healthy') this.#healthy--;
      onGates([{ peer: target.id, state }]);
      this.#tell();
    }
    const inMs = nextCheckMs(target.health, check, { random: random(), nowMs, leastMs: this.#leastMs(state) });
    if (inMs === null) return;
    target.next = clock.setTimeout(() => {
      this.#lanes[target.health.state === 'healthy' ? 2 : 1].add(target);
      this.#fill();
    }, inMs);
  }

  #leastMs(state: Health['state']): number {
    if (state === 'healthy') return this.#healthy * paceMs.healthy;
    return (this.#targets.size - this.#healthy) * paceMs.others;
  }

  /** Many change in one turn: they are told together. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    this.#options.clock.setTimeout(() => {
      this.#telling = false;
      this.#options.onNews();
    }, 0);
  }
}

/** What of a part is to be checked, by peer: what the table lets in, and has an address. */
function toCheck(bytes: Uint8Array | null): ReadonlyMap<string, Checked> {
  if (bytes === null) throw new Error('a part of the table was never sent');
  const checked = new Map<string, Checked>();
  for (const { serving } of deserialize(bytes) as Route[]) {
    if (serving.kind !== 'pool') continue;
    for (const backend of serving.backends) {
      const { state, check } = backend;
      if (state === 'healthy' && check !== null) checked.set(peerId(backend), { ...backend, check });
    }
  }
  return checked;
}

function newsOf(peer: string, target: Target | undefined): HealthNews {
  if (target === undefined) return { peer, state: 'gone' };
  const { backend, health, failure } = target;
  const { container, host, port } = backend;
  const address = hostAndPort(host, port);
  return { peer, container, address, state: health.state, failure };
}
