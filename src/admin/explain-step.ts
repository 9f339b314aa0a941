/**
 * pass: it lets the request go on as it is. stop: it answers or refuses. changes: it goes on in another form. unknown: that cannot be
 * known without asking somebody, or the step is not reached.
 */
export type StepVerdict = 'pass' | 'stop' | 'changes' | 'unknown';

/** What one option of the route would do to the request. */
export interface StepView {
  /** Its label, without `proxy.`. */
  readonly step: string;
  /** false: it was asked for, but this version does not act on it. */
  readonly active: boolean;
  readonly does: string;
  readonly verdict: StepVerdict;
  /** false: a step before it stops the request. */
  readonly reached: boolean;
  /** What the client gets, where it stops; null elsewhere. */
  readonly status: number | null;
  /** A word of docs/reasons.md, `redirect`, `preflight`, or one of the cache such as HIT; null where there is none. */
  readonly reason: string | null;
}

/** What a step comes to. */
export interface Judged {
  readonly verdict: StepVerdict;
  readonly status?: number | null;
  readonly reason?: string | null;
}

export const passes: Judged = { verdict: 'pass' };
export const changes: Judged = { verdict: 'changes' };

/** Steps in the order in which they work; none is reached behind one that stops. */
export class StepLine {
  readonly views: StepView[] = [];
  #stop: StepView | null = null;
  #isClosed = false;

  /** The one that stops the request; null = none does. */
  get stop(): StepView | null {
    return this.#stop;
  }

  /** A step that is added now is reached. */
  get goesOn(): boolean {
    return this.#stop === null && !this.#isClosed;
  }

  /** The request does not come to any of them. */
  close(): void {
    this.#isClosed = true;
  }

  add(step: string, does: string, { verdict, status = null, reason = null }: Judged = passes): void {
    const reached = this.goesOn;
    const view: StepView = reached
      ? { step, active: true, does, verdict, reached, status, reason }
      : { step, active: true, does, verdict: 'unknown', reached, status: null, reason: null };
    this.views.push(view);
    if (reached && verdict === 'stop') this.#stop = view;
  }

  /** Works on the answer, whoever gave it. */
  addForAnswer(step: string, does: string, { verdict }: Judged = passes): void {
    const reached = !this.#isClosed;
    this.views.push({
      step,
      active: true,
      does,
      verdict: reached ? verdict : 'unknown',
      reached,
      status: null,
      reason: null,
    });
  }

  /** Of an option that this version does not act on. */
  addInactive(step: string): void {
    const nothing = { verdict: 'pass', reached: true, status: null, reason: null } as const;
    this.views.push({ step, active: false, does: 'not yet active', ...nothing });
  }
}
