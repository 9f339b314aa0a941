import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Container } from './container.ts';
import type { EngineEvent } from './engine-event.ts';
import { readInspection } from './inspection.ts';
import { Inspector } from './inspector.ts';
import { KnownContainer } from './known-container.ts';
import { hasProxyLabel, type ListedContainer } from './listed-container.ts';
import { isOwn, networkTarget } from './place.ts';

/** Containers of one engine that matter; what comes on top is left out, and said so. */
const containersMax = 50_000;
/**
 * While more is about to come, what is known waits: a moment only, because an engine that starts ten containers at once keeps
 * us busy all the while (with 50 ms each of them took 61 ms to be served, with 5 ms 16). The very first picture may take longer.
 */
const collectMs = 5;
const collectFirstMs = 1_000;

export interface EngineContainersOptions {
  readonly endpoint: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly graceMs: (container: Container) => number;
  /** See `ownIdCandidates`. */
  readonly ownIds: readonly string[];
  /** Something that is published changed; it has to be told within that time. */
  readonly onChange: (about: { readonly withinMs: number }) => void;
  /** A container leaves: tell it before this returns. */
  readonly onLeaving: () => void;
  /** Everything in the first list was looked at. */
  readonly onScanned: () => void;
}

/**
 * The containers of one engine that matter: those with a label of ours or nearly, the proxy's own, and those whose network one of them
 * uses. Outlives connections: what was known stays while the engine is away. Inspections alone change what is published; events
 * and lists say where to look, with two exceptions that cannot wait: a stop signal, and an end.
 */
export class EngineContainers {
  readonly #options: EngineContainersOptions;
  readonly #known = new Map<string, KnownContainer>();
  /** Containers in whose network others are. */
  #targets = new Set<string>();
  #inspector: Inspector | null = null;
  /** Podman's events may come without labels: every container that is not known is looked at. */
  #curious = false;
  /** Ids that events spoke of since the list now under way was asked for; null = no list is under way. */
  #touched: Set<string> | null = null;
  /** Of the first list, those that were not looked at yet; null = there was none. Others that come meanwhile are not waited for. */
  #unseen: Set<string> | null = null;
  #scanned = false;
  #untold = false;
  #fullSaid = false;

  constructor(options: EngineContainersOptions) {
    this.#options = options;
  }

  *published(): Generator<Container> {
    for (const { container } of this.#known.values()) if (container !== null) yield container;
  }

  /** Whether the proxy itself runs on this engine. */
  get hasOwn(): boolean {
    return this.#options.ownIds.length > 0 && this.published().some(({ id }) => isOwn(id, this.#options.ownIds));
  }

  /** From now on containers can be looked at. */
  connect(inspect: (id: string) => Promise<unknown>, { curious }: { curious: boolean }): void {
    this.#inspector?.close();
    this.#curious = curious;
    this.#inspector = new Inspector({
      clock: this.#options.clock,
      inspect,
      onResult: (id, json, { final }) => {
        this.#inspected(id, json, final);
        this.#seen(id);
      },
      onFailure: (id, error, { final }) => {
        this.#failed(id, error, final);
        if (final) this.#seen(id);
      },
      onIdle: () => this.#idle(),
    });
  }

  /** The engine is away: what is known stays, and what was in doubt stays in doubt. */
  disconnect(): void {
    this.#inspector?.close();
    this.#inspector = null;
    this.#touched = null;
  }

  close(): void {
    this.disconnect();
    for (const known of this.#known.values()) known.close();
  }

  event(event: EngineEvent): void {
    const id = event.type === 'container' ? event.id : event.containerId;
    if (id === null) return;
    this.#touched?.add(id);
    const known = this.#known.get(id) ?? (this.#matters(event, id) ? this.#add(id) : null);
    if (known === null) return;
    if (event.type === 'container' && (event.action === 'destroy' || event.action === 'remove')) {
      this.#remove(id);
      return;
    }
    const left =
      event.type === 'container' &&
      ((event.action === 'kill' && known.killed(event)) || (event.action === 'die' && known.died(event)));
    if (left) this.#options.onLeaving();
    this.#look(id, known);
  }

  /** Call before a list is asked for: what events say from here on is newer than the list. */
  listing(): void {
    this.#touched = new Set();
  }

  /** The whole list. Only what is new or different from the last one is looked at. */
  list(entries: readonly ListedContainer[]): void {
    const touched = this.#touched ?? new Set();
    this.#touched = null;
    const relevant = this.#relevant(entries);
    const unseen = new Set<string>();
    for (const id of [...this.#known.keys()]) if (!relevant.has(id) && !touched.has(id)) this.#remove(id);
    for (const [id, { fingerprint }] of relevant) {
      const known = this.#known.get(id) ?? this.#add(id);
      if (known === null) continue;
      const changed = known.fingerprint !== fingerprint || known.doubtful || known.leaving;
      known.fingerprint = fingerprint;
      if (!changed) continue;
      unseen.add(id);
      this.#look(id, known);
    }
    this.#unseen = unseen;
    this.#scannedAll();
    if (this.#inspector?.idle) this.#idle();
  }

  /** By id; the proxy's own container first, because every address depends on where the proxy is. */
  #relevant(entries: readonly ListedContainer[]): Map<string, ListedContainer> {
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    const byName = new Map(entries.flatMap((entry) => entry.names.map((name) => [name, entry] as const)));
    const own = entries.filter(({ id }) => isOwn(id, this.#options.ownIds));
    const relevant = new Map([...own, ...entries.filter((entry) => entry.hasProxyLabel)].map((one) => [one.id, one]));
    this.#targets = new Set();
    // A map that grows while it is walked is walked to its new end: targets of targets are found too.
    for (const { networkMode } of relevant.values()) {
      const target = networkTarget(networkMode) ?? '';
      const entry = byId.get(target) ?? byName.get(target);
      if (entry === undefined) continue;
      this.#targets.add(entry.id);
      relevant.set(entry.id, entry);
    }
    return relevant;
  }

  #matters(event: EngineEvent, id: string): boolean {
    if (event.type !== 'container' || event.action === 'destroy' || event.action === 'remove') return false;
    return event.hasProxyLabel || this.#curious || this.#targets.has(id) || isOwn(id, this.#options.ownIds);
  }

  #add(id: string): KnownContainer | null {
    const { clock, graceMs, endpoint, log } = this.#options;
    if (this.#known.size >= containersMax) {
      if (!this.#fullSaid)
        log.error({ endpoint, containersMax }, 'too many containers with labels: the rest is left out');
      this.#fullSaid = true;
      return null;
    }
    const known = new KnownContainer({ clock, graceMs, onDoubt: () => this.#look(id, known) });
    this.#known.set(id, known);
    return known;
  }

  #remove(id: string): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    known.close();
    this.#known.delete(id);
    if (known.container !== null) this.#changed();
    this.#seen(id);
  }

  #seen(id: string): void {
    if (this.#unseen?.delete(id)) this.#scannedAll();
  }

  #scannedAll(): void {
    if (this.#scanned || this.#unseen?.size !== 0) return;
    this.#scanned = true;
    this.#options.onScanned();
  }

  #look(id: string, known: KnownContainer): void {
    known.doubtful = true;
    this.#inspector?.look(id);
  }

  #inspected(id: string, json: unknown, final: boolean): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    const inspection = readInspection(json, this.#options.endpoint);
    if (inspection === null || inspection.container.id !== id) {
      this.#options.log.warn(
        { endpoint: this.#options.endpoint, id },
        'the engine describes a container in no known form',
      );
      this.#remove(id);
      return;
    }
    const { labels, networkMode } = inspection.container;
    if (!hasProxyLabel(labels) && !this.#targets.has(id) && !isOwn(id, this.#options.ownIds)) {
      this.#remove(id);
      return;
    }
    this.#follow(networkMode);
    if (known.inspected(inspection, { final })) this.#changed();
  }

  /** The container whose network another one uses matters too. */
  #follow(networkMode: string): void {
    const target = networkTarget(networkMode) ?? '';
    if (!/^[0-9a-f]{64}$/.test(target) || this.#targets.has(target)) return;
    this.#targets.add(target);
    if (this.#known.has(target)) return;
    const known = this.#add(target);
    if (known === null) return;
    this.#unseen?.add(target);
    this.#look(target, known);
  }

  #failed(id: string, error: unknown, final: boolean): void {
    if ((error as { status?: number }).status === 404) {
      this.#remove(id);
      return;
    }
    const known = this.#known.get(id);
    if (!final || known === undefined || known.complained) return;
    known.complained = true;
    const message = error instanceof Error ? error.message : String(error);
    this.#options.log.warn(
      { endpoint: this.#options.endpoint, id: id.slice(0, 12), error: message },
      'a container cannot be inspected; its last known state is used',
    );
  }

  #changed(): void {
    const withinMs = this.#scanned ? collectMs : collectFirstMs;
    const more = !this.#scanned || this.#inspector?.busy === true;
    this.#untold = more;
    this.#options.onChange({ withinMs: more ? withinMs : 0 });
  }

  #idle(): void {
    if (this.#untold) this.#options.onChange({ withinMs: 0 });
    this.#untold = false;
  }
}
