import type { HeaderList } from '../http/header-list.ts';
import { isTraceId, newSpanId, readTraceParent, traceParentText } from '../http/trace-context.ts';

/** One request's place in its trace: the span of the proxy, and whose it hangs below. */
export class RequestTrace {
  readonly traceId: string;
  /** Of the request's own span. */
  readonly spanId = newSpanId();
  /** null = the trace begins here. */
  readonly parentId: string | null;
  readonly sampled: boolean;
  /** What added to monotonic ms makes epoch ms: one for all spans of a request, so that none begins before its parent. */
  readonly epochMs: number;
  readonly #random: boolean;

  /**
   * Goes on with the trace of whoever asks, but whether it is sampled is decided by those alone who are trusted: a stranger must
   * not be able to have everything recorded, here and at the backends, by a bit.
   *
   * @param sample share of the requests that are sampled where nobody has decided.
   */
  constructor(
    headers: HeaderList,
    about: {
      readonly requestId: string;
      readonly trusted: boolean;
      readonly sample: number;
      readonly epochMs: number;
      readonly random: () => number;
    },
  ) {
    const parent = readTraceParent(headers);
    const { requestId, trusted } = about;
    // The same id in both places, so that whoever has the one finds the other.
    this.traceId = parent?.traceId ?? (isTraceId(requestId) ? requestId : newSpanId() + newSpanId());
    this.parentId = parent?.spanId ?? null;
    this.sampled = parent !== null && trusted ? parent.sampled : about.random() < about.sample;
    this.epochMs = about.epochMs;
    this.#random = parent?.random ?? false;
  }

  /** What whoever is asked by this span is told. */
  traceParent(spanId: string): string {
    return traceParentText({ traceId: this.traceId, spanId, sampled: this.sampled, random: this.#random });
  }

  /** Into the head on its way to the backend. What others have said of a trace that cannot be read goes with it (W3C Trace Context §3.3). */
  enter(headers: HeaderList): void {
    headers.set('traceparent', this.traceParent(this.spanId));
    if (this.parentId === null) headers.delete('tracestate');
  }
}
