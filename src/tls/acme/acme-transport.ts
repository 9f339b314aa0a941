import { Agent } from 'node:https';
import type { Clock } from '../../base/clock.ts';
import { type AcmeAnswer, nonsense, refusal } from './acme-answer.ts';
import { type AcmeLibrary, acmeLibrary, inCall, type LibraryCall, requestsMax } from './acme-library.ts';
import { AcmeFailure, type OrderStage } from './failure.ts';
import type { Issuer } from './issuer.ts';
import type { OrderLimits } from './order-limits.ts';
import { silent, unreachable } from './unreachable.ts';
import { within } from './within.ts';

export interface TransportAbout {
  readonly clock: Clock;
  /** Ends whatever is under way; what waits rejects with its reason. */
  readonly signal: AbortSignal;
  readonly limits: OrderLimits;
}

/** The library itself tries a request again five times. */
const badNonceRoundsMax = 3;
const badNonce = 'urn:ietf:params:acme:error:badNonce';

/** The way to one issuer, for the time of one order: bounded, with its own trust, and failures told in full. */
export class AcmeTransport {
  readonly issuer: Issuer;
  readonly library: AcmeLibrary;
  readonly about: TransportAbout;
  readonly #agent: Agent;
  readonly #endMs: number;

  static async open(issuer: Issuer, about: TransportAbout): Promise<AcmeTransport> {
    return new AcmeTransport(issuer, about, await acmeLibrary());
  }

  private constructor(issuer: Issuer, about: TransportAbout, library: AcmeLibrary) {
    this.issuer = issuer;
    this.about = about;
    this.library = library;
    this.#endMs = about.clock.monotonic() + about.limits.orderMsMax;
    this.#agent = new Agent({ keepAlive: true, ...(issuer.caPem === null ? {} : { ca: issuer.caPem }) });
  }

  /**
   * Has the library do one thing and gives the last answer that came for it, whose status is 2xx.
   *
   * @throws AcmeFailure for anything else; the signal's reason when it fires.
   */
  async exchange(stage: OrderStage, work: () => Promise<unknown>): Promise<AcmeAnswer> {
    for (let round = 1; ; round += 1) {
      const { answer, error } = await this.#once(stage, work);
      if (answer.status >= 200 && answer.status < 300) {
        if (error === null) return answer;
        throw nonsense('it is nothing that ACME knows at this point', { stage, data: answer.data, cause: error });
      }
      const failure = refusal(answer, { stage, nowMs: this.about.clock.now() });
      if (failure.problem.type !== badNonce || round === badNonceRoundsMax) throw failure;
    }
  }

  /** GET without a signature, for the directory and what RFC 9773 adds. */
  get(stage: OrderStage, url: string): Promise<AcmeAnswer> {
    return this.exchange(stage, () => this.library.axios.get(url, { validateStatus: null }));
  }

  close(): void {
    this.#agent.destroy();
  }

  async #once(
    stage: OrderStage,
    work: () => Promise<unknown>,
  ): Promise<{ readonly answer: AcmeAnswer; readonly error: unknown }> {
    const { clock, signal, limits } = this.about;
    const { directoryUrl } = this.issuer;
    if (clock.monotonic() > this.#endMs) throw overdue(limits.orderMsMax, stage);
    const overdueAnswer = () => silent(directoryUrl, limits.requestMsMax, stage);
    return within({ clock, signal, ms: limits.requestMsMax, overdue: overdueAnswer }, async (ending) => {
      const call: LibraryCall = { agent: this.#agent, signal: ending, answer: null, fault: null, requests: 0 };
      const error = await inCall(call, work).then(
        () => null,
        (reason: unknown) => reason,
      );
      if (call.requests > requestsMax) throw nonsense('it leads in circles', { stage, data: call.answer?.data });
      if (call.fault !== null || call.answer === null) throw unreachable(directoryUrl, call.fault ?? error, stage);
      return { answer: call.answer, error };
    });
  }
}

function overdue(ms: number, stage: OrderStage): AcmeFailure {
  const detail = `the order was not done within ${ms / 60_000} minutes`;
  return new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage });
}
