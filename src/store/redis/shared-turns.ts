import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Outcome } from '../../tls/keeper/attempt.ts';
import type { AcmeWanted, HeldCertificate } from '../../tls/keeper/keeper-tools.ts';
import type { OrderTurn, OrderTurns } from '../../tls/keeper/order-turns.ts';
import { redisFaultText } from './redis-fault.ts';
import type { RedisLink } from './redis-link.ts';
import { RedisScript } from './redis-script.ts';
import type { SharedCertificates } from './shared-certificates.ts';

/** A proxy that dies loses its turn after so long; one that lives says so in time. */
const turnMs = 60_000;
const renewEveryMs = 15_000;
/** So often it is looked whether another proxy is done. */
const againMs = 5_000;
/** Whoever has failed may try again first: what it knows of the failures, the others do not. */
const firstAgainMs = 60_000;
/** While the store is away a certificate that lasts longer than this share of its life is not renewed. */
const lastsShare = 0.1;

/** KEYS: the turn. ARGV: who, for how long in ms. Answers 0 where it is ours, else how long it is another's, ms. */
const takeScript = new RedisScript(`
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return math.max(1, redis.call('PTTL', KEYS[1])) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0`);

/** KEYS: the turn. ARGV: who. */
const leaveScript = new RedisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`);

export interface TurnsWorld {
  readonly link: Pick<RedisLink, 'send'>;
  /** Resolves once the store was tried for the first time. */
  readonly tried: Promise<void>;
  readonly certificates: Pick<SharedCertificates, 'get' | 'put'>;
  readonly proxy: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Of all proxies of one store one orders a certificate, and the others take it from there. */
export class SharedTurns implements OrderTurns {
  readonly #world: TurnsWorld;

  constructor(world: TurnsWorld) {
    this.#world = world;
  }

  async take(
    wanted: AcmeWanted,
    about: { readonly held: HeldCertificate | null; readonly insisted: boolean },
  ): Promise<OrderTurn> {
    const { tried, clock, certificates } = this.#world;
    await tried;
    try {
      const othersMs = await this.#take(wanted.id, turnMs);
      // Whoever had the turn before has shared what came of it by then.
      const found = about.insisted ? null : await certificates.get(wanted.id);
      if (found !== null && lasts(found, clock.now()) && isBetter(found, about.held)) {
        if (othersMs === 0) await this.#leave(wanted.id);
        return { kind: 'found', held: found };
      }
      if (othersMs === 0) return this.#ours(wanted);
      const notBeforeMs = clock.now() + (othersMs > turnMs ? Math.min(othersMs, turnMs) : againMs);
      return { kind: 'theirs', notBeforeMs, why: 'another proxy of the shared store orders it, or has failed to' };
    } catch {
      return this.#alone(about.held, about.insisted);
    }
  }

  /** The store cannot be asked. Who needs a certificate now orders it; what lasts can wait. */
  #alone(held: HeldCertificate | null, insisted: boolean): OrderTurn {
    const nowMs = this.#world.clock.now();
    if (insisted || held === null || !lasts(held, nowMs))
      return { kind: 'ours', end: (outcome) => this.#share(outcome) };
    const why = 'the shared store cannot be asked, and the certificate lasts';
    return { kind: 'theirs', notBeforeMs: nowMs + turnMs, why };
  }

  #ours(wanted: AcmeWanted): OrderTurn {
    const { clock } = this.#world;
    let timer: Timer;
    const renew = (): void => {
      timer = clock.setTimeout(() => {
        void this.#take(wanted.id, turnMs).catch(() => {});
        renew();
      }, renewEveryMs);
    };
    renew();
    return {
      kind: 'ours',
      end: async (outcome) => {
        timer.cancel();
        await this.#share(outcome);
        const keptMs = outcome.kind === 'failed' ? outcome.nextAttemptMs - clock.now() + firstAgainMs : 0;
        const left = Number.isFinite(keptMs) && keptMs > 0 ? this.#take(wanted.id, keptMs) : this.#leave(wanted.id);
        await left.catch(() => {});
      },
    };
  }

  async #share(outcome: Outcome): Promise<void> {
    if (outcome.kind !== 'issued') return;
    const { log, certificates } = this.#world;
    await certificates.put(outcome.held).catch((error: unknown) => {
      const { names } = outcome.held.certificate;
      log.warn(
        { names, why: redisFaultText(error) },
        'a certificate could not be shared; the other proxies order their own',
      );
    });
  }

  /** @returns as the script. */
  async #take(wantedId: string, ms: number): Promise<number> {
    const { link, proxy } = this.#world;
    return Number(await takeScript.run(link, [keyOf(wantedId)], [proxy, Math.ceil(ms)]));
  }

  async #leave(wantedId: string): Promise<void> {
    const { link, proxy } = this.#world;
    await leaveScript.run(link, [keyOf(wantedId)], [proxy]);
  }
}

function keyOf(wantedId: string): string {
  return `fairlead:turn:${wantedId}`;
}

function isBetter(found: HeldCertificate, held: HeldCertificate | null): boolean {
  return found.certificate.notAfterMs > (held?.certificate.notAfterMs ?? 0);
}

function lasts({ certificate: { notBeforeMs, notAfterMs } }: HeldCertificate, nowMs: number): boolean {
  return notAfterMs - nowMs > (notAfterMs - notBeforeMs) * lastsShare;
}
