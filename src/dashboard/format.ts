import { decimalText } from '../base/ms-text.ts';

/** Numbers as people read them; each as short as it may be, so that columns stay as they are. */

/** `0`, `0.3`, `12`, `1.2k`. */
export function rateText(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 0.05) return '<0.1';
  return perSecond < 10 ? decimalText(perSecond) : countText(Math.round(perSecond));
}

/** `980`, `12.3k`, `4.5M`. */
export function countText(count: number): string {
  if (count < 10_000) return String(count);
  if (count < 999_950) return `${count < 99_950 ? decimalText(count / 1_000) : Math.round(count / 1_000)}k`;
  return count < 999_950_000 ? `${decimalText(count / 1_000_000)}M` : `${decimalText(count / 1_000_000_000)}G`;
}

/** `93 %` of 0.93; `–` where there is none. */
export function shareText(share: number | null): string {
  return share === null ? '–' : `${Math.floor(share * 100)} %`;
}

/** `12:30:05` of an ISO time. */
export function clockText(time: string): string {
  return time.slice(11, 19);
}

/** `in 64 days`, `3 hours ago`; nothing finer than a minute. */
export function distanceText(time: string, nowMs: number): string {
  const ms = Date.parse(time) - nowMs;
  const [count, unit] = spanOf(Math.abs(ms) / 60_000);
  if (count === 0) return 'now';
  const span = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return ms < 0 ? `${span} ago` : `in ${span}`;
}

function spanOf(minutes: number): readonly [number, string] {
  if (minutes < 60) return [Math.round(minutes), 'minute'];
  return minutes < 48 * 60 ? [Math.round(minutes / 60), 'hour'] : [Math.round(minutes / 1_440), 'day'];
}
