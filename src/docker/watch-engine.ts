import { setImmediate as turn } from 'node:timers/promises';
import { BackOff } from '../base/back-off.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { EngineApi, type EngineIdentity } from './api.ts';
import type { Container } from './container.ts';
import { type Endpoint, type EndpointSurroundings, readEndpoint } from './endpoint.ts';
import { EngineContainers } from './engine-containers.ts';
import { adviceFor } from './engine-error.ts';
import { readEvent } from './engine-event.ts';
import { type ListedContainer, readListed } from './listed-container.ts';
import type { EngineStatus } from './snapshot.ts';

const reconcileEveryMs = 30_000;
/** Something in front of an engine may keep back the head of an answer that has no body yet. */
const subscribeMsMax = 2_000;
const listSlice = 500;
/** A connection is told together with what it shows, which is on its way. */
const connectedMs = 50;

export interface WatchEngineOptions {
  /** As in `FAIRLEAD_DOCKER`. */
  readonly endpoint: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long after its stop signal a container that still runs counts as leaving. */
  readonly graceMs: (container: Container) => number;
  /** See `ownIdCandidates`. */
  readonly ownIds: readonly string[];
  readonly surroundings: EndpointSurroundings;
  /** As Math.random: several proxies must not come back to an engine in step. */
  readonly random: () => number;
  /** `status` or `containers` changed: tell it within that time. */
  readonly onChange: (about: { readonly withinMs: number }) => void;
  /** A container leaves: tell it before this returns. */
  readonly onLeaving: () => void;
}

/** One engine, watched until it is closed. */
export interface EngineWatch {
  readonly status: EngineStatus;
  /** 'listed' = all its containers are known, 'failed' = the first attempt was in vain, 'waiting' = neither yet. */
  readonly progress: 'waiting' | 'failed' | 'listed';
  /** What was known last while the engine is away. */
  containers(): Iterable<Container>;
  close(): void;
}

/**
 * Watches one engine: subscribe to events, then list, then look at what is new or different; again every 30 s, and from the
 * start, with back-off, whenever a request fails or the stream of events ends. An engine that is missing at the start is
 * one that is away.
 */
export function watchEngine(options: WatchEngineOptions): EngineWatch {
  const watch = new Watch(options);
  void watch.run();
  return watch;
}

class Watch implements EngineWatch {
  readonly #options: WatchEngineOptions;
  readonly #containers: EngineContainers;
  readonly #backOff: BackOff;
  #status: EngineStatus;
  #progress: EngineWatch['progress'] = 'waiting';
  #api: EngineApi | null = null;
  #listWanted = false;
  /** Ends the present pause early. */
  #wake: () => void = () => {};
  #closed = false;

  constructor(options: WatchEngineOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.random);
    const sinceMs = options.clock.now();
    const nothing = { engine: '', apiVersion: '', remoteHost: '', error: 'not reached yet' };
    this.#status = Object.freeze({ endpoint: options.endpoint, connected: false, sinceMs, ...nothing });
    this.#containers = new EngineContainers({
      ...options,
      onScanned: () => this.#scanned(),
    });
  }

  get status(): EngineStatus {
    // Of the engine that it runs on itself the proxy dials containers directly, however it reaches the API.
    return this.#status.remoteHost !== '' && this.#containers.hasOwn
      ? { ...this.#status, remoteHost: '' }
      : this.#status;
  }

  get progress(): EngineWatch['progress'] {
    return this.#progress;
  }

  containers(): Iterable<Container> {
    return this.#containers.published();
  }

  close(): void {
    this.#closed = true;
    this.#containers.close();
    this.#api?.close();
    this.#wake();
  }

  async run(): Promise<void> {
    // Nothing is told before the caller has this watch in his hands.
    await null;
    while (!this.#closed) {
      const { endpoint, error } = readEndpoint(this.#options.endpoint, this.#options.surroundings);
      if (endpoint === null) this.#lost(error);
      else this.#lost(adviceFor(await this.#session(endpoint).catch((failure: unknown) => failure), endpoint));
      if (!this.#closed) await this.#pause(this.#backOff.next());
    }
  }

  /** One connection, from its beginning to its end. Returns why it ended. */
  async #session(endpoint: Endpoint): Promise<unknown> {
    const api = new EngineApi(endpoint, { clock: this.#options.clock });
    this.#api = api;
    try {
      const startedMs = this.#options.clock.monotonic();
      const identity = await api.negotiate();
      this.#containers.connect((id) => api.inspect(id), { curious: identity.engine.startsWith('Podman') });
      const { opened, ended } = api.subscribe({ onLine: (line) => this.#line(line), onGap: () => this.#listSoon() });
      const stream = new Guard(ended);
      await stream.while(Promise.race([opened, this.#pause(subscribeMsMax)]));
      await stream.while(this.#reconcile(api, () => this.#connected(identity, endpoint, startedMs)));
      for (;;) {
        if (!this.#listWanted) await stream.while(this.#pause(reconcileEveryMs));
        await stream.while(this.#reconcile(api));
      }
    } catch (error) {
      return error;
    } finally {
      this.#containers.disconnect();
      this.#wake();
      api.close();
      this.#api = null;
    }
  }

  async #reconcile(api: EngineApi, onAnswer = () => {}): Promise<void> {
    this.#listWanted = false;
    this.#containers.listing();
    const entries = await this.#read(await api.list());
    // A list that comes after its connection was given up is not compared.
    if (this.#api !== api || this.#closed) return;
    onAnswer();
    this.#containers.list(entries);
  }

  /** Ten thousand entries are a quarter of a second of work: events have their turn in between. */
  async #read(list: readonly unknown[]): Promise<readonly ListedContainer[]> {
    const entries: ListedContainer[] = [];
    for (const [at, json] of list.entries()) {
      const entry = readListed(json);
      if (entry !== null) entries.push(entry);
      if (at % listSlice === listSlice - 1) await turn();
    }
    return entries;
  }

  #line(line: string): void {
    const event = this.#closed ? null : readEvent(line);
    if (event === null) return;
    if (event.type === 'network' && event.containerId === null) this.#listSoon();
    else this.#containers.event(event);
  }

  /** Something happened, and nobody knows to which container. */
  #listSoon(): void {
    this.#listWanted = true;
    this.#wake();
  }

  #connected({ engine, apiVersion }: EngineIdentity, { remoteHost }: Endpoint, startedMs: number): void {
    const { clock, log, endpoint } = this.#options;
    this.#backOff.reset();
    const tookMs = Math.round(clock.monotonic() - startedMs);
    log.info({ endpoint, engine, apiVersion, tookMs }, 'connected to the Docker engine');
    this.#set(
      { endpoint, connected: true, sinceMs: clock.now(), engine, apiVersion, remoteHost, error: '' },
      connectedMs,
    );
  }

  #lost(error: string): void {
    if (this.#closed) return;
    const { connected, sinceMs } = this.#status;
    if (this.#progress === 'waiting') this.#progress = 'failed';
    if (!connected && this.#status.error === error) return;
    this.#options.log.warn({ endpoint: this.#options.endpoint, error }, 'no connection to the Docker engine');
    this.#set({ ...this.#status, connected: false, sinceMs: connected ? this.#options.clock.now() : sinceMs, error });
  }

  #scanned(): void {
    this.#progress = 'listed';
    this.#options.onChange({ withinMs: 0 });
  }

  #set(status: EngineStatus, withinMs = 0): void {
    this.#status = Object.freeze(status);
    this.#options.onChange({ withinMs });
  }

  /** Ends early when it is woken, or when the next one begins. */
  #pause(ms: number): Promise<void> {
    this.#wake();
    const { promise, resolve } = Promise.withResolvers<void>();
    let timer: Timer | null = null;
    this.#wake = () => {
      timer?.cancel();
      resolve();
    };
    timer = this.#options.clock.setTimeout(resolve, ms);
    return promise;
  }
}

/**
 * Ends a wait when something else ends. Promise.race() would do, but every call of it stays attached to the promise that it
 * loses to, for the whole life of a connection.
 */
class Guard {
  #ended: { readonly reason: unknown } | null = null;
  #reject: (reason: unknown) => void = () => {};

  constructor(ended: Promise<unknown>) {
    void ended.then((reason) => {
      this.#ended = { reason };
      this.#reject(reason);
    });
  }

  /** As the promise, or rejects with the reason of the end. One at a time. */
  while(wait: Promise<void>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#reject = reject;
    if (this.#ended !== null) reject(this.#ended.reason);
    wait.then(resolve, reject);
    return promise;
  }
}
