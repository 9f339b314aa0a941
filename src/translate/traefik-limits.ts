import { readDuration } from '../base/duration.ts';
import type { TraefikPart } from './traefik-labels.ts';
import { closeRoute, lostProtection, type Note, type RouteDraft } from './translation.ts';

/** By the address as some other program has told it: that is the business of the proxy as a whole. */
const ipStrategy = /^(?:sourcecriterion\.)?ipstrategy\.(depth|excludedips)$/;

/** `ratelimit`: `average` requests each `period`, of which `burst` may come at once, the first included. */
export function translateRateLimit(part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  const average = part.get('average');
  if (average === undefined || average.text === '0') return;
  const set = (key: string, text: string, about = average.about) => route.options.set(key, { text, about });
  const periodMs = readDuration(part.get('period')?.text ?? '1s');
  const rate = periodMs === null ? null : rateText(Number(average.text), periodMs);
  if (rate === null) {
    closeRoute(route, average.about);
    notes.push(lostProtection(average.about, 'the rate cannot be read'));
    return;
  }
  set('limit', rate);
  const burst = part.get('burst');
  if (burst !== undefined && /^\d+$/.test(burst.text) && Number(burst.text) > 1)
    set('limit.burst', String(Number(burst.text) - 1), burst.about);
  const header = part.get('sourcecriterion.requestheadername');
  if (header !== undefined) set('limit.key', `header:${header.text}`, header.about);
  if (part.get('sourcecriterion.requesthost')?.text === 'true') set('limit.key', 'host');
  noteOthers(
    part,
    /^(average|period|burst|sourcecriterion\.(requestheadername|requesthost|ipstrategy\.ipv6subnet))$/,
    route,
    notes,
  );
}

/** `ipallowlist`, in Traefik 2 `ipwhitelist`. */
export function translateAllowList(part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  const range = part.get('sourcerange');
  if (range !== undefined) route.options.set('allow', { text: range.text, about: range.about });
  noteOthers(part, /^sourcerange$/, route, notes);
}

/** `inflightreq`: here it is counted per container, and who comes beyond gets a 503. */
export function translateInFlight(part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  const amount = part.get('amount');
  if (amount === undefined) return;
  const { text, about } = amount;
  route.options.set('maxconn', { text, about });
  route.options.set('maxconn.queue', { text: '0', about });
  notes.push({ about, says: 'proxy.maxconn counts per container, not per client', severity: 'warning' });
}

/** The number and the unit that say the same, with at most three decimals. */
function rateText(count: number, periodMs: number): string | null {
  if (!Number.isFinite(count) || count <= 0 || periodMs <= 0) return null;
  for (const [unit, unitMs] of [
    ['s', 1_000],
    ['m', 60_000],
    ['h', 3_600_000],
  ] as const) {
    const perUnit = (count * unitMs) / periodMs;
    if (Math.abs(perUnit * 1_000 - Math.round(perUnit * 1_000)) < 1e-6 && perUnit >= 0.001)
      return `${Math.round(perUnit * 1_000) / 1_000}/${unit}`;
  }
  return null;
}

function noteOthers(part: TraefikPart, known: RegExp, route: RouteDraft, notes: Note[]): void {
  for (const [option, { about }] of part) {
    if (known.test(option)) continue;
    if (ipStrategy.test(option)) {
      closeRoute(route, about);
      notes.push(lostProtection(about, 'whose word on the address is taken is said once, by FAIRLEAD_TRUSTED'));
    } else notes.push({ about, says: 'has no label', severity: 'warning' });
  }
}
