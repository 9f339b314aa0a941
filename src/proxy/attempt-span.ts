import type { RequestHead } from '../http/head.ts';
import { newSpanId } from '../http/trace-context.ts';
import type { Peer } from '../upstream/peer.ts';
import type { RequestTrace } from './request-trace.ts';

/** One try on a backend, from when it was sent to the end of its answer, or of the tunnel that it became. */
export interface AttemptSpan {
  readonly trace: RequestTrace;
  readonly spanId: string;
  readonly peer: Peer;
  readonly head: RequestHead;
  /** Monotonic ms. */
  readonly startedMs: number;
  /** Of the tries before. */
  readonly resends: number;
  /** 0 = no answer began. */
  status: number;
  /** Why it failed; null = it did not. */
  failure: string | null;
}

/** The tries of one request that is recorded, one after the other. */
export class AttemptSpans {
  readonly #trace: RequestTrace;
  readonly #head: RequestHead;
  readonly #onEnd: (span: AttemptSpan) => void;
  /** What the backend is told. */
  #told: string;
  #now: AttemptSpan | null = null;

  /** @param head on its way to backends. */
  constructor(trace: RequestTrace, head: RequestHead, onEnd: (span: AttemptSpan) => void) {
    this.#trace = trace;
    this.#head = head;
    this.#onEnd = onEnd;
    this.#told = trace.traceParent(trace.spanId);
  }

  /** What the backend does hangs below its try, unless a label has its own word there (`proxy.reqheader.traceparent`). */
  begin(about: Pick<AttemptSpan, 'peer' | 'startedMs' | 'resends'>): void {
    const [trace, head, spanId] = [this.#trace, this.#head, newSpanId()];
    this.#now = { trace, head, spanId, ...about, status: 0, failure: null };
    if (head.headers.get('traceparent') !== this.#told) return;
    this.#told = trace.traceParent(spanId);
    head.headers.set('traceparent', this.#told);
  }

  answered(status: number): void {
    if (this.#now !== null) this.#now.status = status;
  }

  failed(failure: string): void {
    if (this.#now !== null) this.#now.failure ??= failure;
  }

  end(): void {
    if (this.#now !== null) this.#onEnd(this.#now);
    this.#now = null;
  }
}
