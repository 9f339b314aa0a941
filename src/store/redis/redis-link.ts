import { BackOff } from '../../base/back-off.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { RedisConnection, RedisReply } from './redis-connection.ts';
import { redisFaultText } from './redis-fault.ts';

/** The shared store could not be asked; the message says why, in words without any secret. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';
}

export interface LinkStanding {
  readonly connected: boolean;
  /** Epoch ms. */
  readonly sinceMs: number;
  /** Why it is away; '' while it is connected. */
  readonly why: string;
}

export interface LinkWorld {
  /** For people, without secrets. */
  readonly at: string;
  readonly connect: () => Promise<RedisConnection>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** What was asked before the last look and is not answered at this one will not be: it is between one and two of these, ms. */
const lookEveryMs = 1_000;
const notYet = 'it was not reached yet';

/**
 * The way to the shared store: kept up, and made anew with back-off for as long as it takes. While it is away whoever asks
 * hears so at once, and nobody waits longer than two seconds.
 */
export class RedisLink {
  readonly #world: LinkWorld;
  readonly #backOff: BackOff;
  #connection: RedisConnection | null = null;
  #standing: LinkStanding;
  #timer: Timer | null = null;
  #closed = false;
  #sent = 0;
  #answered = 0;
  /** How much had been sent at the last look; what is answered comes in the order in which it was asked. */
  #mark = 0;
  /** It is there, after it was away or for the first time. */
  onConnected: () => void = () => {};

  constructor(world: LinkWorld) {
    this.#world = world;
    this.#backOff = new BackOff(world.random);
    this.#standing = { connected: false, sinceMs: world.clock.now(), why: notYet };
  }

  get standing(): LinkStanding {
    return this.#standing;
  }

  /** Begins to connect; resolves once the first attempt has ended, however it did. */
  start(): Promise<void> {
    return this.#connect();
  }

  /** @throws StoreAway; and the server's own word where it refuses the command, as an Error that `redisFaultText` can read. */
  async send(words: readonly string[]): Promise<RedisReply> {
    const connection = this.#connection;
    if (connection === null) throw new StoreAway(this.#standing.why);
    this.#sent++;
    try {
      return await connection.send(words);
    } catch (error) {
      if (connection !== this.#connection) throw new StoreAway(this.#standing.why || 'the connection was lost');
      throw error;
    } finally {
      if (connection === this.#connection) this.#answered++;
    }
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#connection?.destroy();
    this.#connection = null;
  }

  async #connect(): Promise<void> {
    const { connect, clock, log, at } = this.#world;
    let connection: RedisConnection;
    try {
      connection = await connect();
    } catch (error) {
      this.#away(redisFaultText(error));
      return;
    }
    if (this.#closed) return connection.destroy();
    this.#connection = connection;
    [this.#sent, this.#answered, this.#mark] = [0, 0, 0];
    this.#standing = { connected: true, sinceMs: clock.now(), why: '' };
    log.info({ store: at }, 'the shared store is connected');
    void connection.ended.then(() => this.#lose(connection, 'the connection was lost'));
    this.#later(lookEveryMs, () => this.#look(connection));
    this.onConnected();
  }

  #look(connection: RedisConnection): void {
    if (this.#answered < this.#mark) return this.#lose(connection, 'it does not answer');
    this.#mark = this.#sent;
    // Not before it has lasted: one that is lost at once is no reason to hurry.
    this.#backOff.reset();
    this.#later(lookEveryMs, () => this.#look(connection));
  }

  #lose(connection: RedisConnection, why: string): void {
    if (connection !== this.#connection) return;
    this.#connection = null;
    this.#away(why);
    connection.destroy();
  }

  #away(why: string): void {
    if (this.#closed) return;
    const { clock, log, at } = this.#world;
    const { connected, why: before } = this.#standing;
    this.#standing = { connected: false, sinceMs: connected ? clock.now() : this.#standing.sinceMs, why };
    // Once, though it is tried again every few seconds.
    if (connected || before === notYet)
      log.warn({ store: at, why }, 'the shared store is out of reach: this proxy counts and decides alone meanwhile');
    else if (why !== before) log.info({ store: at, why }, 'the shared store is still out of reach');
    this.#later(this.#backOff.next(), () => void this.#connect());
  }

  #later(ms: number, work: () => void): void {
    this.#timer?.cancel();
    if (!this.#closed) this.#timer = this.#world.clock.setTimeout(work, ms);
  }
}
