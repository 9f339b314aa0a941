import { randomBytes } from 'node:crypto';
import type { SharedStanding } from '../admin/shared-standing.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { PurgeMemory } from './redis/purge-memory.ts';
import type { SharedRule } from './redis/purge-script.ts';
import { type RedisAddress, redisAddressText } from './redis/redis-address.ts';
import { connectRedis } from './redis/redis-connection.ts';
import { RedisLink } from './redis/redis-link.ts';
import { Round } from './redis/round.ts';
import { SharedCertificates } from './redis/shared-certificates.ts';
import { type OthersBoard, SharedChallenges } from './redis/shared-challenges.ts';
import { SharedLimits } from './redis/shared-limits.ts';
import { SharedPurges } from './redis/shared-purges.ts';
import { SharedTurns } from './redis/shared-turns.ts';

export interface SharedStoreWorld {
  readonly address: RedisAddress;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** What the own workers answer to issuers. */
  readonly board: OthersBoard;
  /** Drops what the own cache holds. @returns whether it is done. */
  readonly purge: (rule: SharedRule) => Promise<boolean>;
}

/** What several proxies share through one Redis. The control plane alone speaks to it: the data plane has neither the password nor the way. */
export class SharedStore {
  readonly limits: SharedLimits;
  readonly purges: SharedPurges;
  readonly certificates: SharedCertificates;
  readonly challenges: SharedChallenges;
  readonly turns: SharedTurns;
  readonly #tried = Promise.withResolvers<void>();
  readonly #link: RedisLink;
  readonly #at: string;
  /** Each for itself: a purge that takes long must not hold up a challenge. */
  readonly #rounds: readonly Round[];

  constructor(world: SharedStoreWorld) {
    const { address, dataDir, clock, random, log, board, purge } = world;
    const proxy = randomBytes(12).toString('base64url');
    this.#at = redisAddressText(address);
    const link = new RedisLink({ at: this.#at, connect: () => connectRedis(address, clock), clock, random, log });
    this.#link = link;
    this.limits = new SharedLimits({ link, clock, log });
    const memory = new PurgeMemory(dataDir, (error) =>
      log.error({ err: error }, 'which purges were carried out cannot be kept: after a restart the cache is dropped'),
    );
    this.purges = new SharedPurges({ link, memory, log, proxy, purge });
    const certificates = new SharedCertificates({ link, clock, log });
    this.certificates = certificates;
    this.challenges = new SharedChallenges({ link, board, proxy, clock, log });
    this.turns = new SharedTurns({ link, tried: this.#tried.promise, certificates, proxy, clock, log });
    const onRefused = (why: string): void =>
      log.warn({ store: this.#at, why }, 'the shared store does not tell what other proxies say');
    this.#rounds = [this.purges, this.certificates, this.challenges].map(
      (one) => new Round({ clock, look: () => one.look(), onRefused }),
    );
    link.onConnected = () => {
      certificates.restart();
      for (const round of this.#rounds) void round.begin();
    };
  }

  /** Connects, and goes on trying; never rejects. */
  start(): void {
    void this.#link.start().then(this.#tried.resolve);
  }

  standing(): SharedStanding {
    const { connected, sinceMs, why } = this.#link.standing;
    const { limits, purges } = this;
    const refused = this.#rounds.find((round) => round.why !== '')?.why ?? '';
    const heard = { untold: purges.untold, why: connected ? refused : why };
    return { address: this.#at, connected, sinceMs, why, limits: limits.standing, purges: heard };
  }

  close(): void {
    for (const round of this.#rounds) round.close();
    this.#link.close();
  }
}
