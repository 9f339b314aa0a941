import { failureKind } from '../http/failure.ts';
import { withoutUserInfo } from '../http/user-info.ts';
import { problemSentence } from '../labels/problem-sentence.ts';
import { shownState } from '../routing/backend-state.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { Backend } from '../routing/table.ts';

/**
 * live: every backend takes requests, or none is needed. degraded: some do, or those that could fail and are tried all the
 * same. down: none does. closed: a label that protects the route cannot be honoured, so nobody is let in.
 */
export type RouteState = 'live' | 'degraded' | 'down' | 'closed';

export interface StateAndWhy {
  readonly state: RouteState;
  /** One sentence; '' for a route that is simply live. */
  readonly why: string;
}

/** All its containers were removed, and it is kept for a while, for a successor (`FAIRLEAD_LINGER`): nobody has to do anything. */
export function lingers({ members }: RouteDetail): boolean {
  return members.length > 0 && members.every(({ container }) => container.state === 'removed');
}

export function routeState(detail: RouteDetail): StateAndWhy {
  const { serving } = detail.route;
  switch (serving.kind) {
    case 'redirect':
      return { state: 'live', why: `redirects with ${serving.status} to ${withoutUserInfo(serving.location)}` };
    case 'refuse':
      if (serving.reason === 'label-invalid') return { state: 'closed', why: whyClosed(detail) };
      return { state: 'down', why: failureKind(serving.reason).title };
    case 'pool':
      return poolState(detail, serving.backends);
    default:
      return serving satisfies never;
  }
}

/** Whether the data plane may send new requests there. */
export function takesRequests({ state, weight }: Backend): boolean {
  return state === 'healthy' && weight > 0;
}

function poolState(detail: RouteDetail, backends: readonly Backend[]): StateAndWhy {
  const others = backends.filter((backend) => !takesRequests(backend));
  const taking = backends.length - others.length;
  if (taking === 0) {
    if (lingers(detail))
      return { state: 'down', why: 'its last container was removed; the route is kept for a while, for a successor' };
    const failing = whyFailing(backends);
    if (failing !== null) return { state: 'degraded', why: failing };
    return { state: 'down', why: others.length === 0 ? 'it has no container' : summary(others) };
  }
  // One that leaves, as in every deployment, is missed by nobody.
  const missed = others.filter((backend) => shownState(backend).state !== 'draining');
  if (missed.length === 0) return { state: 'live', why: others.length === 0 ? '' : summary(others) };
  return { state: 'degraded', why: `${taking} of ${backends.length} take requests; ${summary(missed)}` };
}

/** Null unless everything that could be asked is left out for its failures, and asked all the same. */
export function whyFailing(backends: readonly Backend[]): string | null {
  const failing = backends.filter(({ state }) => state === 'ejected');
  const [first] = failing;
  if (first === undefined || backends.some(takesRequests)) return null;
  if (backends.length === 1) return `every backend fails: ${first.reason}`;
  return `every backend ${failing.length < backends.length ? 'that is there ' : ''}fails: ${summary(backends)}`;
}

const namedMax = 3;

function summary(backends: readonly Backend[]): string {
  const named = backends.slice(0, namedMax).map((backend) => {
    const { state, reason } = shownState(backend);
    return `${backend.container} is ${state}${reason === '' ? '' : ` (${reason})`}`;
  });
  const more = backends.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function whyClosed({ members }: RouteDetail): string {
  const [first, ...more] = members.flatMap(({ spec }) => spec.closedBy);
  if (first === undefined) return 'a label that protects it cannot be honoured';
  const others = more.length === 0 ? '' : `; and ${more.length} more`;
  return `${first.container}: ${problemSentence(first)}${others}`;
}
