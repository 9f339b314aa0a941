import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Certificate } from '../certificate.ts';
import type { Issuer } from './issuer.ts';
import { defaultOrderLimits } from './order-limits.ts';
import { renewalDueMs } from './renewal.ts';
import { type RenewalInfo, renewalInfo } from './renewal-info.ts';

/** An issuer that could not be asked is asked again after this. */
const askAgainMs = 60 * 60_000;
const keptMax = 10_000;

interface Asked {
  readonly info: RenewalInfo | null;
  readonly untilMs: number;
}

/** When certificates are to be renewed: their issuers are asked (ARI, RFC 9773) as often as they wish, and no more. */
export class RenewalTimes {
  readonly #issuers: readonly Issuer[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #asked = new Map<string, Asked>();

  constructor(about: { readonly issuers: readonly Issuer[]; readonly clock: Clock; readonly log: Log }) {
    this.#issuers = about.issuers;
    this.#clock = about.clock;
    this.#log = about.log;
  }

  /** Epoch ms. Never rejects: without the issuer's word our own rule holds. */
  async of(certificate: Certificate, issuerName: string, signal: AbortSignal): Promise<number> {
    const issuer = this.#issuers.find(({ name }) => name === issuerName);
    const info = issuer === undefined ? null : await this.#info(certificate, issuer, signal);
    return renewalDueMs(certificate, info);
  }

  async #info(certificate: Certificate, issuer: Issuer, signal: AbortSignal): Promise<RenewalInfo | null> {
    const nowMs = this.#clock.now();
    const known = this.#asked.get(certificate.id);
    if (known !== undefined && nowMs < known.untilMs) return known.info;
    const info = await renewalInfo(issuer, certificate.chainPem, {
      ...{ clock: this.#clock, signal, limits: defaultOrderLimits },
    }).catch((error: unknown) => {
      const { names } = certificate;
      this.#log.debug({ names, err: error }, 'the issuer could not be asked when to renew');
      return null;
    });
    this.#keep(certificate.id, { info, untilMs: info?.askAgainMs ?? nowMs + askAgainMs });
    return info;
  }

  #keep(id: string, asked: Asked): void {
    this.#asked.delete(id);
    this.#asked.set(id, asked);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > keptMax && oldest !== undefined) this.#asked.delete(oldest);
  }
}
