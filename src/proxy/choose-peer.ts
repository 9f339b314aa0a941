import type { Reason } from '../http/failure.ts';
import type { BalancedRequest } from '../upstream/balancer.ts';
import { isYoung } from '../upstream/outlook.ts';
import type { Peer } from '../upstream/peer.ts';
import { pick } from '../upstream/pick.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

/** Why a peer that could answer is not asked; the most hopeful first. */
const unfitness: readonly Reason[] = ['backend-busy', 'backend-starting', 'backend-refused'];

/** What a choice may depend on; who explains a decision has no more. */
export interface Choosing extends BalancedRequest {
  readonly live: LiveRoute | null;
}

type ChoosingWorld = Pick<ProxyWorld, 'now' | 'monotonic'>;

export const nobody: ReadonlySet<Peer> = new Set();

/**
 * The peer that takes a request whose route is known, or why none can: besides those that cannot by themselves, whoever has as many requests as it may
 * (`proxy.maxconn`), or has just refused a connection, is not asked.
 *
 * @param tried those that have failed it already.
 */
export function choosePeer(world: ChoosingWorld, journey: Choosing, tried: ReadonlySet<Peer>): Peer | Reason {
  const live = journey.live as LiveRoute;
  let unfit: Set<Peer> | null = null;
  let why = unfitness.length;
  for (const peer of live.peers) {
    const reason = unfitnessOf(world, live, peer);
    if (reason === null) continue;
    unfit ??= new Set(tried);
    unfit.add(peer);
    why = Math.min(why, unfitness.indexOf(reason));
  }
  const chosen = pick(live, unfit ?? tried, journey);
  const reason = unfitness[why];
  if (typeof chosen !== 'string' || reason === undefined) return chosen;
  if (reason !== 'backend-refused' || isDoubtful(world, live)) return reason;
  // It has refused for so long that nobody is held for it: asked all the same, because there is no other.
  const last = pick(live, tried, journey);
  return typeof last === 'string' ? reason : last;
}

/** Why a peer that could answer is not asked now; null where it is, or could not. */
export function unfitnessOf(world: ChoosingWorld, live: LiveRoute, peer: Peer): Reason | null {
  const { requestsMax, waitMs } = live.route.policy;
  if (!peer.up) return null;
  if (requestsMax !== null && peer.inFlight >= requestsMax) return 'backend-busy';
  if (peer.refusal?.rests(world.monotonic()) !== true) return null;
  return isYoung(peer, { nowMs: world.now(), waitMs }) ? 'backend-starting' : 'backend-refused';
}

/** Whether one that refuses may have crashed just now, and a request be held until the engine has told. */
function isDoubtful(world: ChoosingWorld, { peers, route }: LiveRoute): boolean {
  const nowMs = world.monotonic();
  return route.policy.waitMs > 0 && peers.some(({ refusal }) => refusal !== null && nowMs < refusal.doubtUntilMs);
}
