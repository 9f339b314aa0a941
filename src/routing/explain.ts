import { readAuthority } from '../http/authority.ts';
import { failureKind, type Reason } from '../http/failure.ts';
import { readTarget } from '../http/target.ts';
import { predicateText } from '../labels/predicate.ts';
import type { MatchRequest } from './match-request.ts';
import { Matcher, type NoRoute } from './matcher.ts';
import { nearestHosts } from './nearest-hosts.ts';
import { Patterns, pathCharsMax } from './patterns.ts';
import { Predicates } from './predicates.ts';
import type { Question } from './question.ts';
import type { Route, RouteTable } from './table.ts';

export interface Candidate {
  readonly route: Route;
  /** What the request would have to be, in words; empty for the route that is taken and for those it beats. */
  readonly lacked: readonly string[];
  /** `beaten`: it takes the request too, but stands behind the one that is taken. */
  readonly verdict: 'taken' | 'lacking' | 'beaten';
}

export interface Explanation {
  readonly outcome: 'pool' | 'redirect' | 'refuse' | 'no-route' | 'host-unknown' | 'uri-too-long' | 'bad-request';
  readonly route: Route | null;
  /** One sentence. */
  readonly why: string;
  /** In matching order, at most 20: the routes of this host, or where nobody has it, those of the nearest hosts. */
  readonly candidates: readonly Candidate[];
  /** Only where the host is unknown: the hosts it could have been meant to be, the nearest first; at most 5. */
  readonly nearestHosts: readonly string[];
}

const candidatesMax = 20;

/**
 * Which route a request would get, and why not the others. The verdict is the Matcher's own, so the two cannot disagree.
 * Costs a walk over the whole table: for people, not for traffic.
 *
 * @param refusal why the head is refused before anybody asks which route it is for; null = it is not.
 */
export function explain(table: RouteTable, question: Question, refusal: Refusal | null = null): Explanation {
  const request = refusal === null ? toMatchRequest(question) : (whyUnreadable(question) ?? refusalText(refusal));
  if (typeof request === 'string') {
    return { outcome: 'bad-request', route: null, why: request, candidates: [], nearestHosts: [] };
  }
  const verdict = matcherOf(table).match(request);
  const inspect = { patterns: new Patterns(), predicates: new Predicates() };
  if ('route' in verdict) {
    const { route } = verdict;
    const candidates = candidatesFor(table, request, route, inspect);
    const passed = candidates.findIndex((candidate) => candidate.route === route);
    return { outcome: route.serving.kind, route, why: whyTaken(route, passed), candidates, nearestHosts: [] };
  }
  const nearest = verdict.none === 'host-unknown' ? nearestHosts(table.routes, request.host) : [];
  const candidates = candidatesFor(table, request, null, inspect, new Set(nearest));
  return { outcome: verdict.none, route: null, why: whyNone(verdict.none, request), candidates, nearestHosts: nearest };
}

/** A head that is refused, and the header that is at fault, if one is. */
export interface Refusal {
  readonly reason: Reason;
  readonly header: string | null;
}

function refusalText({ reason, header }: Refusal): string {
  const { status, title } = failureKind(reason);
  const at = header === null ? '' : `; without the header ${header} it could be read`;
  return `it is answered with ${status} ${reason} before any route is asked: ${title.toLowerCase()}${at}`;
}

/** The request as the data plane would read it, or why it would be refused with 400. */
function toMatchRequest(question: Question): MatchRequest | string {
  const { authority, target, method, headers, clientAddress } = question;
  const host = readAuthority(authority)?.host;
  const read = readTarget(target);
  if (host === undefined || read === null) return whyUnreadable(question) ?? '';
  const header = (name: string) => headers.get(name);
  return { host, path: read.normalised, query: read.query, method, header, clientAddress };
}

/** Null where host and target can be read. */
function whyUnreadable({ authority, target }: Question): string | null {
  if (readAuthority(authority) === null)
    return `"${cut(authority)}" is no host: a name or an address, with or without a port, is needed`;
  return readTarget(target) === null
    ? `"${cut(target)}" cannot be read in exactly one way, so it is answered with 400`
    : null;
}

function cut(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

const matchers = new WeakMap<RouteTable, Matcher>();

function matcherOf(table: RouteTable): Matcher {
  let matcher = matchers.get(table);
  if (matcher === undefined) {
    matcher = new Matcher(table.routes);
    matchers.set(table, matcher);
  }
  return matcher;
}

interface Inspection {
  readonly patterns: Patterns;
  readonly predicates: Predicates;
}

function candidatesFor(
  table: RouteTable,
  request: MatchRequest,
  taken: Route | null,
  inspect: Inspection,
  hosts: ReadonlySet<string> = new Set(),
): readonly Candidate[] {
  const near = table.routes.filter(
    (route) => inspect.patterns.takesHost(route.host, request.host) || hosts.has(route.host.text),
  );
  const candidates = near.map((route): Candidate => {
    const lacked = lackedBy(route, request, inspect);
    const verdict = route === taken ? 'taken' : lacked.length > 0 ? 'lacking' : 'beaten';
    return { route, lacked, verdict };
  });
  if (candidates.length <= candidatesMax) return candidates;
  // Those that lacked least say most; the one that is taken is always among them.
  const distance = ({ verdict, lacked }: Candidate) => (verdict === 'taken' ? -1 : lacked.length);
  const kept = new Set([...candidates].sort((a, b) => distance(a) - distance(b)).slice(0, candidatesMax));
  return candidates.filter((candidate) => kept.has(candidate));
}

function lackedBy(route: Route, request: MatchRequest, { patterns, predicates }: Inspection): string[] {
  const lacked: string[] = [];
  if (!patterns.takesHost(route.host, request.host)) lacked.push(`host ${route.host.text}`);
  const takes = patterns.takesPath(route.path, request.path);
  if (takes === false)
    lacked.push(`path ${route.path.text}${beginsAs(route.path, request.path) ? ' (whole segments)' : ''}`);
  if (takes === null)
    lacked.push(`path of at most ${pathCharsMax(route.path)} characters, on which ${route.path.text} is tried`);
  for (const predicate of route.match) {
    if (!predicates.holds(predicate, request)) lacked.push(predicateText(predicate));
  }
  return lacked;
}

/** Whether a path that the prefix does not take looks as if it did. */
function beginsAs(pattern: Route['path'], path: string): boolean {
  return pattern.kind === 'prefix' && path.startsWith(pattern.prefix);
}

function whyTaken({ host, path, match, serving }: Route, passed: number): string {
  const hostWords = {
    exact: `${host.text} is named exactly`,
    wildcard: `the host falls under ${host.text}`,
    regex: `the host matches ${host.text}`,
    any: 'every host is taken',
  }[host.kind];
  const pathWords = {
    exact: `the path is exactly ${path.text.slice(1)}`,
    prefix: `${path.text} is the longest prefix that fits`,
    regex: `the path matches ${path.text}`,
  }[path.kind];
  const matchWords = match.length === 0 ? '' : ` and ${match.map(predicateText).join(' ')} holds`;
  const passedWords = passed === 0 ? '' : `; ${passed} that ${passed === 1 ? 'stands' : 'stand'} before it did not fit`;
  const closed = serving.kind === 'refuse' ? `; but the route is closed (${serving.reason})` : '';
  return `${hostWords}, ${pathWords}${matchWords}${passedWords}${closed}`;
}

function whyNone(none: NoRoute, { host, path, method }: MatchRequest): string {
  if (none === 'uri-too-long')
    return `the path has ${path.length} characters, too many for a regex of ${host} that would have to be tried on it: answered with 414`;
  return none === 'no-route'
    ? `${host} is known, but no route of it takes ${method} ${cut(path)}`
    : `no container claims the host ${host}`;
}
