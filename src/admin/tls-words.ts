import type { RouteTls, RouteTlsState } from './route-tls.ts';

/** The state of a route's HTTPS in words, for people. */
export function tlsWords({ state, expires, next }: Pick<RouteTls, 'state' | 'expires' | 'next'>): string {
  switch (state) {
    case 'off':
      return 'off';
    case 'passthrough':
      return 'passed through';
    case 'on-demand':
      return 'on demand';
    case 'none':
      return 'no certificate';
    case 'valid':
      return `valid until ${dateText(expires)}`;
    case 'ordering':
      return expires === null ? 'being ordered' : `being renewed, valid until ${dateText(expires)}`;
    case 'waiting':
      return next === null ? 'waiting' : `waiting, next attempt ${timeText(next)}`;
    case 'renewal-failing':
      return `renewal fails, valid until ${dateText(expires)}`;
    case 'expired':
      return `expired ${dateText(expires)}`;
    case 'no-issuer':
      return 'no issuer';
    case 'missing':
      return 'its files are missing';
    case 'unused':
      return 'kept, not used';
    default:
      return state satisfies never;
  }
}

/** The colour of a state, by the name of its style. */
export const tlsColours: Readonly<Record<RouteTlsState, 'live' | 'degraded' | 'down' | 'info'>> = {
  off: 'info',
  passthrough: 'info',
  'on-demand': 'info',
  none: 'degraded',
  valid: 'live',
  ordering: 'degraded',
  waiting: 'degraded',
  'renewal-failing': 'degraded',
  expired: 'down',
  'no-issuer': 'down',
  missing: 'down',
  unused: 'info',
};

/** `2027-02-01` of an ISO time; `–` where there is none. */
export function dateText(time: string | null): string {
  return time === null ? '–' : time.slice(0, 10);
}

/** `2027-02-01 12:30 UTC` of an ISO time; `–` where there is none. */
export function timeText(time: string | null): string {
  return time === null ? '–' : `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
