import { mayUpgrade } from '../engine/may-upgrade.ts';
import { readTarget } from '../http/target.ts';
import type { LimitReading } from '../limit/limit-reading.ts';
import { FetchExchange } from '../proxy/fetch-exchange.ts';
import type { Foresights } from '../proxy/foresight.ts';
import { Journey } from '../proxy/journey.ts';
import { toOutgoing } from '../proxy/outgoing.ts';
import { type Rehearsed, rehearse } from '../proxy/rehearsal.ts';
import type { Route } from '../routing/table.ts';
import { compileSteps } from '../steps/compile.ts';
import type { AdminContext } from './admin-context.ts';
import type { ReadRequest } from './explain-request.ts';
import { RehearsalWorld } from './rehearsal-world.ts';

/** What came of a request behind the entrance of its route, as far as that can be known. */
export interface Decision {
  /** The steps before a backend is picked, up to the one that stopped it. */
  readonly rehearsed: readonly Rehearsed[];
  /** How the client stands with `proxy.limit`; null = it was not asked, or cannot be known. */
  readonly reading: LimitReading | null;
  /** Who signed in; null = nobody. */
  readonly user: string | null;
  /** It asks for a tunnel that may be had. */
  readonly tunnel: boolean;
  /** Null = no worker was asked, or none answered. */
  readonly foresights: Foresights | null;
}

export const undecided: Decision = { rehearsed: [], reading: null, user: null, tunnel: false, foresights: null };

/** Nobody answers a request that nobody has sent. */
const nobodyHears = {
  respond: (): never => {
    throw new Error('a request that was not sent is not answered');
  },
  inform() {},
  destroy() {},
};

/** Leads the request through the data plane's own steps, without sending it; what is learnt of backends and cache comes from the workers. */
export async function decide(
  { head, client, requester }: ReadRequest,
  route: Route,
  { view, passwords }: Pick<AdminContext, 'view' | 'passwords'>,
): Promise<Decision> {
  const tunnel = mayUpgrade(head);
  const exchange = new FetchExchange(head, client, nobodyHears);
  const journey = new Journey(exchange, requester, '', 0);
  const read = readTarget(head.target);
  journey.host = requester.authority?.host ?? '';
  journey.path = read?.normalised ?? '';
  journey.query = read?.query ?? '';
  const world = new RehearsalWorld(view, passwords);
  const { serving, policy } = route;
  const steps = compileSteps(policy, world).request;
  // As the data plane has it: where nothing is done to the head, a backend is picked by what the client sent.
  if (steps.length > 0 || serving.kind === 'redirect' || policy.cache !== null) toOutgoing(journey);
  const rehearsed = await rehearse(journey, steps);
  const decision = { rehearsed, reading: world.reading, user: journey.user, tunnel, foresights: null };
  const isStopped = rehearsed.some(({ verdict }) => verdict === 'stop');
  if (isStopped || serving.kind !== 'pool' || (tunnel && !policy.ws)) return decision;
  const foresights = await view.foresee({
    ...{ route: route.id, method: head.method, target: journey.target, host: journey.host, path: journey.path },
    ...{ query: journey.query, port: requester.authority?.port ?? null, scheme: journey.client.scheme },
    ...{ clientAddress: journey.clientAddress, headers: head.headers.flat(), bodyLength: head.bodyLength, tunnel },
  });
  return { ...decision, foresights };
}
