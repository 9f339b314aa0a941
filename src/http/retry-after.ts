/** Longer than any issuer's window; more is no date but nonsense. */
const waitMsMax = 31 * 24 * 60 * 60_000;

/** Epoch ms that a Retry-After field means (RFC 9110 §10.2.3): seconds or a date; null for anything else. */
export function retryAfterMs(field: string, nowMs: number): number | null {
  const text = field.trim();
  const atMs = /^\d+$/.test(text) ? nowMs + Number(text) * 1000 : Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.min(Math.max(atMs, nowMs), nowMs + waitMsMax);
}
