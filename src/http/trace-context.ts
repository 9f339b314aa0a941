import type { HeaderList } from './header-list.ts';
import { newRequestId } from './request-id.ts';

/** What `traceparent` says (W3C Trace Context §3.2). Ids are lower-case hexadecimal, 32 and 16 digits, never all zeros. */
export interface TraceParent {
  readonly traceId: string;
  /** Of the span that asks. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** The trace id is random (level 2), which everybody has to pass on. */
  readonly random: boolean;
}

const wellFormed = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const zeros = /^0+$/;

/** Null where there is none, several, or one that cannot be read: then there is no trace to go on with. */
export function readTraceParent(headers: HeaderList): TraceParent | null {
  const [, version, traceId, spanId, flags, more] = wellFormed.exec(headers.only('traceparent')?.trim() ?? '') ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return null;
  // Version ff is none; the first has no more parts, later ones may.
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (zeros.test(traceId) || zeros.test(spanId)) return null;
  const bits = Number.parseInt(flags, 16);
  return { traceId, spanId, sampled: (bits & 1) === 1, random: (bits & 2) === 2 };
}

export function traceParentText({ traceId, spanId, sampled, random }: TraceParent): string {
  return `00-${traceId}-${spanId}-0${(random ? 2 : 0) + (sampled ? 1 : 0)}`;
}

/** Whether a text may be a trace id. */
export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text) && !zeros.test(text);
}

/** 16 random hexadecimal digits. */
export function newSpanId(): string {
  const id = newRequestId().slice(0, 16);
  return zeros.test(id) ? newSpanId() : id;
}
