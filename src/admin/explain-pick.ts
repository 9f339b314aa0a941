import type { Reason } from '../http/failure.ts';
import type { LoadBalancing } from '../labels/options.ts';
import type { Foresight, Foresights, PeerForesight, PickForesight } from '../proxy/foresight.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { RoutePolicy } from '../routing/table.ts';
import { firstInOrder } from '../upstream/balancer.ts';
import { Peer, peerId } from '../upstream/peer.ts';
import { peerPool } from '../upstream/peer-pool.ts';
import { pick } from '../upstream/pick.ts';

/** Which backend gets a request. */
export interface PickView {
  /** Name of its container; null = by turns or by lot, or nobody. */
  readonly picked: string | null;
  /** How it was found, or why nobody can be named. */
  readonly pickedBy: string;
  /** Nobody can take it: held for so long at most, ms, null = it cannot be said; then refused for this reason. */
  readonly nobody: { readonly reason: Reason; readonly heldMs: number | null } | null;
  /** Of all workers, by `peerId`; empty where they did not answer. */
  readonly peers: ReadonlyMap<string, PeerForesight>;
  /** Chances by `peerId`, 0–1; empty where one is certain or they depend on more than weights. */
  readonly shares: ReadonlyMap<string, number>;
}

const none = { picked: null, nobody: null, peers: new Map<string, never>(), shares: new Map<string, never>() };

/** No backend is asked at all. */
export function noPick(pickedBy: string): PickView {
  return { ...none, pickedBy };
}

export function explainPick(detail: RouteDetail, foresights: Foresights | null): PickView {
  const told = foresights?.foresights.filter((one) => one !== null) ?? [];
  const [first] = told;
  if (first === undefined) return withoutWorkers(detail, foresights !== null);
  const { policy } = detail.route;
  const peers = new Map(first.peers.map((peer) => [peer.id, peer]));
  const picks = told.map((one) => one.pick);
  if (picks.every((one) => one.kind === 'nobody')) return { ...none, ...nobody(picks), peers };
  const certain = sameOf(picks);
  if (certain !== null) {
    const picked = nameOf(detail, certain.id);
    return { ...none, peers, picked, pickedBy: certain.session ? bySession(policy) : how(policy, certain, first) };
  }
  return { ...none, peers, pickedBy: byTurns(policy.lb, picks), shares: sharesOf(policy.lb, picks, peers) };
}

function nobody(picks: readonly (PickForesight & { kind: 'nobody' })[]): Pick<PickView, 'nobody' | 'pickedBy'> {
  const [{ reason }] = picks as [PickForesight & { kind: 'nobody' }];
  const heldMs = Math.max(...picks.map((one) => one.heldMs));
  return { nobody: { reason, heldMs }, pickedBy: 'nobody can take it' };
}

/** What all workers would do; null where they would not do the same, or turns decide. */
function sameOf(picks: readonly PickForesight[]): (PickForesight & { kind: 'peer' }) | null {
  const [first] = picks;
  if (first?.kind !== 'peer') return null;
  return picks.every((one) => one.kind === 'peer' && one.id === first.id) ? first : null;
}

function nameOf({ members }: RouteDetail, id: string): string | null {
  return members.find(({ backend }) => backend !== null && peerId(backend) === id)?.backend?.container ?? null;
}

function bySession({ sticky }: RoutePolicy): string {
  return `the client's cookie ${sticky?.cookie ?? ''} says so (proxy.sticky)`;
}

function how({ lb }: RoutePolicy, { id }: PickForesight & { kind: 'peer' }, { peers }: Foresight): string {
  const able = peers.filter(({ state, unfit }) => state === 'healthy' && unfit === null);
  const chosen = able.find((peer) => peer.id === id);
  if (chosen === undefined) return 'it is asked all the same, because there is no other';
  const { backup } = chosen;
  const others = able.filter((peer) => peer !== chosen && peer.backup === backup);
  if (others.length === 0 && able.length === 1)
    return `it is the only one that can take it${backup ? ' (proxy.backup)' : ''}`;
  if (others.length === 0) return 'it is the only one that can take it, backups apart (proxy.backup)';
  switch (lb.kind) {
    case 'first':
      return 'it is the first that can take it (proxy.lb=first)';
    case 'iphash':
      return "by the client's address (proxy.lb=iphash)";
    case 'hash':
      return `by ${lb.by === 'uri' ? 'the URI' : `the ${lb.by} ${lb.name}`} (proxy.lb=hash)`;
    default:
      return `it has the fewest requests in flight for its weight now (proxy.lb=${lb.kind})`;
  }
}

function byTurns(lb: LoadBalancing, picks: readonly PickForesight[]): string {
  if (!picks.some(({ kind }) => kind === 'among'))
    return 'the workers do not agree: it depends on the one that has the connection';
  switch (lb.kind) {
    case 'roundrobin':
      return 'by turns, and each worker has its own (proxy.lb=roundrobin)';
    case 'least':
      return 'several have the fewest requests in flight for their weight, and take turns (proxy.lb=least)';
    case 'random2':
      return 'two are drawn by lot, and the one with fewer requests in flight for its weight is asked (proxy.lb=random2)';
    case 'hash':
      return `the request has no ${lb.by === 'uri' ? 'URI' : `${lb.by} ${lb.name}`}, so by turns (proxy.lb=hash)`;
    default:
      return 'by turns';
  }
}

/** Weights say it only where turns do. */
function sharesOf(
  lb: LoadBalancing,
  picks: readonly PickForesight[],
  peers: ReadonlyMap<string, PeerForesight>,
): ReadonlyMap<string, number> {
  const among = picks.find((one) => one.kind === 'among');
  if (among === undefined || lb.kind === 'random2' || lb.kind === 'least') return new Map();
  const weight = (id: string): number => peers.get(id)?.share ?? 0;
  const total = among.ids.reduce((sum, id) => sum + weight(id), 0);
  return new Map(among.ids.map((id) => [id, total === 0 ? 0 : weight(id) / total]));
}

/** By what the control plane knows: whether anybody could take it at all. */
function withoutWorkers({ route }: RouteDetail, answered: boolean): PickView {
  const backends = route.serving.kind === 'pool' ? route.serving.backends : [];
  // What checks say is in the state by now.
  const members = backends.map((backend) => ({ peer: new Peer({ ...backend, check: null }), backup: backend.backup }));
  const pool = peerPool(members, { balancer: firstInOrder, affinity: null });
  const picked = pick(pool, new Set(), { clientAddress: '', target: '', header: () => undefined });
  if (typeof picked === 'string')
    return { ...none, pickedBy: 'nobody can take it', nobody: { reason: picked, heldMs: null } };
  const able = members.filter(({ peer }) => peer.up && peer.weight > 0);
  if (able.length === 1) return { ...none, picked: picked.container, pickedBy: 'it is the only one that can take it' };
  return {
    ...none,
    pickedBy: answered
      ? 'the workers do not serve this table yet'
      : 'the data plane did not answer in time, so it cannot be said',
  };
}
