import type { Journey } from './journey.ts';
import { redacted } from './log-redaction.ts';
import { bareText, quotedText } from './log-text.ts';

/**
 * nginx's and Apache's `combined`, to the letter, without line feed.
 *
 * @param timeLocal as in `26/Nov/2026:02:46:03 +0000`.
 */
export function combinedLine(journey: Journey, timeLocal: string): string {
  const { client, user, method, status, responseBytes, userAgent, referer } = journey;
  const target = quotedText(redacted(journey.target));
  const from = referer === undefined ? '-' : quotedText(redacted(referer));
  return `${bareText(client.address)} - ${bareText(user)} [${timeLocal}] "${method} ${target} HTTP/${versionOf(journey)}" ${status} ${responseBytes} "${from}" "${quotedText(userAgent)}"`;
}

/** `combined`, and behind it which container answered, after how many seconds, and what the cache did. */
export function proxyLine(journey: Journey, timeLocal: string): string {
  const { peer, upstreamMs, cacheWord } = journey;
  const seconds = upstreamMs === null ? '-' : (upstreamMs / 1000).toFixed(3);
  return `${combinedLine(journey, timeLocal)} upstream: ${bareText(peer?.shown)} response_time: ${seconds} cache: ${cacheWord ?? '-'}`;
}

/** HTTP/2 as nginx has it. */
function versionOf({ exchange }: Journey): string {
  const { version } = exchange.request;
  return version.includes('.') ? version : `${version}.0`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** @param second epoch seconds. In UTC, as everywhere in the logs. */
export function timeLocal(second: number): string {
  const iso = new Date(second * 1000).toISOString();
  return `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
