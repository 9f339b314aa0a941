import type { HeaderList } from '../http/header-list.ts';
import { AttemptSpans } from './attempt-span.ts';
import type { Journey } from './journey.ts';
import { RequestTrace } from './request-trace.ts';
import { attemptSpanText, serverSpanText } from './span-text.ts';

export interface TracerOptions {
  /** Share of the requests that are sampled where nobody has decided, 0 to 1. */
  readonly sample: number;
  /** Takes one span, JSON without line feeds; never waits, never throws. */
  readonly write: (span: string) => void;
  /** Epoch ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** As Math.random. */
  readonly random: () => number;
}

/** Makes the spans of a worker's requests (`FAIRLEAD_OTLP`). */
export class Tracer {
  readonly #options: TracerOptions;

  constructor(options: TracerOptions) {
    this.#options = options;
  }

  begin(headers: HeaderList, requestId: string, trusted: boolean): RequestTrace {
    const { sample, random, now, monotonic } = this.#options;
    return new RequestTrace(headers, { requestId, trusted, sample, random, epochMs: now() - monotonic() });
  }

  /** @param nowMs monotonic. */
  requestEnded(journey: Journey, trace: RequestTrace, nowMs: number): void {
    if (trace.sampled) this.#options.write(serverSpanText(journey, trace, nowMs));
  }

  /** For the tries on backends; null where they are not recorded. */
  attempts({ trace, exchange }: Journey): AttemptSpans | null {
    if (trace?.sampled !== true) return null;
    const { write, monotonic } = this.#options;
    return new AttemptSpans(trace, exchange.request, (span) => write(attemptSpanText(span, monotonic())));
  }
}
