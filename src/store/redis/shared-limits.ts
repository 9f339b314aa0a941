import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { RateTerms } from '../../limit/gcra.ts';
import { redisFaultText } from './redis-fault.ts';
import { type RedisLink, StoreAway } from './redis-link.ts';
import { RedisScript } from './redis-script.ts';

/** One request that asks for a token. */
export interface BucketTake extends RateTerms {
  /** Name of the bucket. */
  readonly bucket: string;
}

/** Whether limits are counted over all proxies now. */
export interface LimitStanding {
  readonly shared: boolean;
  /** Why not; '' where they are. */
  readonly why: string;
}

/** Takes of one message at most; more could not wait in a worker. */
const takesMax = 4_096;
const bucketPattern = /^[\w-]{22}$/;
/** So long after a miss it is said that limits are not shared. */
const doubtMs = 10_000;

/**
 * The bucket of `limit/gcra.ts`, by the clock of the server, the one clock that all proxies have in common: a key holds the
 * time at which the bucket is empty, epoch ms, and ends then. Where that clock was set back, nobody waits for longer than a
 * full bucket takes.
 *
 * KEYS: the bucket. ARGV: interval in ms, burst. Answers the backlog that was found, ms.
 */
const takeScript = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local interval = tonumber(ARGV[1])
local burst = tonumber(ARGV[2])
local empty = tonumber(redis.call('GET', KEYS[1]) or '') or 0
if empty ~= empty then empty = 0 end
local backlog = math.min(math.max(0, empty - now), (burst + 1) * interval)
if backlog <= (burst + 0.001) * interval then
  local after = backlog + interval
  redis.call('SET', KEYS[1], string.format('%.3f', now + after), 'PX', string.format('%d', math.ceil(after)))
end
return string.format('%.3f', backlog)`);

/** The same, and nothing is taken. */
const peekScript = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local empty = tonumber(redis.call('GET', KEYS[1]) or '') or 0
if empty ~= empty then empty = 0 end
local most = (tonumber(ARGV[2]) + 1) * tonumber(ARGV[1])
return string.format('%.3f', math.min(math.max(0, empty - now), most))`);

/** Limits that all proxies of one store count together. */
export class SharedLimits {
  readonly #link: Pick<RedisLink, 'send' | 'standing'>;
  readonly #clock: Clock;
  readonly #log: Log;
  #doubt: { readonly untilMs: number; readonly why: string } | null = null;

  constructor(about: {
    readonly link: Pick<RedisLink, 'send' | 'standing'>;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    this.#link = about.link;
    this.#clock = about.clock;
    this.#log = about.log;
  }

  get standing(): LimitStanding {
    const { connected, why } = this.#link.standing;
    if (!connected) return { shared: false, why };
    const doubt = this.#doubt;
    if (doubt === null || this.#clock.monotonic() >= doubt.untilMs) return { shared: true, why: '' };
    return { shared: false, why: doubt.why };
  }

  /** @returns the backlogs that were found, ms, in the order of the takes; null where the store cannot say. Never rejects. */
  async take(takes: readonly BucketTake[]): Promise<readonly number[] | null> {
    if (takes.length > takesMax || !takes.every(isTake)) return null;
    try {
      return await Promise.all(takes.map((one) => this.#run(takeScript, one)));
    } catch (error) {
      if (!(error instanceof StoreAway)) this.#wonder(redisFaultText(error));
      return null;
    }
  }

  /** The backlog of a bucket, ms, of which nothing is taken; null where the store cannot say. Never rejects. */
  async peek(take: BucketTake): Promise<number | null> {
    if (!isTake(take)) return null;
    return this.#run(peekScript, take).catch(() => null);
  }

  /** So many requests had no answer in time. */
  missed(requests: number): void {
    if (requests > 0 && this.#link.standing.connected) this.#wonder('it answers too slowly');
  }

  async #run(script: RedisScript, { bucket, intervalMs, burst }: BucketTake): Promise<number> {
    const found = Number(await script.run(this.#link, [`fairlead:limit:${bucket}`], [intervalMs, burst]));
    if (!Number.isFinite(found)) throw new Error('ODDREPLY');
    return found;
  }

  #wonder(why: string): void {
    const { shared } = this.standing;
    this.#doubt = { untilMs: this.#clock.monotonic() + doubtMs, why };
    if (shared) this.#log.warn({ why }, 'the shared store did not count: limits were counted by this proxy alone');
  }
}

/** What the data plane says is not taken on trust. */
function isTake({ bucket, intervalMs, burst }: BucketTake): boolean {
  return bucketPattern.test(bucket) && intervalMs > 0 && intervalMs <= 1e12 && burst >= 0 && burst <= 1e9;
}
