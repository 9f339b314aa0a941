import type { Reason } from '../http/failure.ts';
import type { BodyLength } from '../http/head.ts';
import { FlatHeaderList } from '../http/header-list.ts';
import type { BackendState } from '../routing/table.ts';
import type { BalancedRequest, Balancer } from '../upstream/balancer.ts';
import type { Peer } from '../upstream/peer.ts';
import { earliestOf, shareOf } from '../upstream/slow-start.ts';
import type { CacheDesk } from './cache-desk.ts';
import { type CacheForesight, foreseeCache } from './cache-foresight.ts';
import { choosePeer, nobody, unfitnessOf } from './choose-peer.ts';
import { waitsUntilMs } from './hold.ts';
import type { LiveRoute, TableCell } from './table-cell.ts';

/** A request that nobody has sent, as it would be where a backend is picked for it. Plain data, because it crosses planes. */
export interface ForesightQuestion {
  /** Id of its route. */
  readonly route: string;
  readonly method: string;
  /** As the client sent it. */
  readonly target: string;
  /** Host, path and query as routes are matched on. */
  readonly host: string;
  readonly path: string;
  readonly query: string;
  /** As it was written; null where none was. */
  readonly port: number | null;
  readonly scheme: 'http' | 'https';
  /** The real client address. */
  readonly clientAddress: string;
  /** `[name, value, …]`, as the steps of the route have left them. */
  readonly headers: readonly string[];
  readonly bodyLength: BodyLength;
  /** It asks for a tunnel, in which the cache has no part. */
  readonly tunnel: boolean;
}

/** What a worker would do with the request now. */
export interface Foresight {
  /** In the order of backends, at most 5,000. */
  readonly peers: readonly PeerForesight[];
  readonly pick: PickForesight;
  /** null = the cache has no part in it. */
  readonly cache: CacheForesight | null;
}

/** What those workers said that answered in time. */
export interface Foresights {
  readonly workers: number;
  /** null = it does not know the route. */
  readonly foresights: readonly (Foresight | null)[];
}

export interface PeerForesight {
  /** As `peerId` has it. */
  readonly id: string;
  readonly state: BackendState;
  /** Asked only where no primary can take the request. */
  readonly backup: boolean;
  /** Why it is not asked though it could answer; null where it may be. */
  readonly unfit: Reason | 'ejected' | 'drained' | null;
  /** The weight that counts now, which is less for one that has just come. */
  readonly share: number;
  /** Requests that all workers have there. */
  readonly inFlight: number;
}

export type PickForesight =
  /** `session`: by its cookie. `id` as in `PeerForesight`. */
  | { readonly kind: 'peer'; readonly id: string; readonly session: boolean }
  /** By turns or by lot. */
  | { readonly kind: 'among'; readonly ids: readonly string[] }
  /** Nobody: held for so long at most, ms, then refused for this reason; 0 = at once. */
  | { readonly kind: 'nobody'; readonly reason: Reason; readonly heldMs: number };

export interface ForeseeingWorld {
  readonly cell: Pick<TableCell, 'named'>;
  readonly cache: Pick<CacheDesk, 'cache'>;
  /** Epoch ms. */
  now(): number;
  /** Monotonic ms. */
  monotonic(): number;
}

const peersMax = 5_000;

/**
 * What would become of a request that has passed all steps of its route, by the rules and on the state of this worker. Nothing is
 * counted, moved or asked.
 *
 * @returns null where the route is not in the table that this worker serves, or has no backends.
 */
export async function foresee(world: ForeseeingWorld, question: ForesightQuestion): Promise<Foresight | null> {
  const live = world.cell.named(question.route);
  if (live === null || live.route.serving.kind !== 'pool') return null;
  const headers = new FlatHeaderList([...question.headers]);
  const request = { ...question, headers, header: (name: string) => headers.get(name) };
  const { caching } = live;
  const cache =
    caching === null || question.tunnel ? null : await foreseeCache(world, { caching, route: live.route.id }, request);
  return { peers: peersOf(world, live), pick: foreseePick(world, live, request), cache };
}

function peersOf(world: ForeseeingWorld, live: LiveRoute): readonly PeerForesight[] {
  const nowMs = world.monotonic();
  const earliestMs = earliestOf(live.peers);
  const backups = new Set(live.backups);
  return live.peers.slice(0, peersMax).map((peer) => ({
    id: peer.address.id,
    state: peer.state,
    backup: backups.has(peer),
    unfit: whyUnfit(world, live, peer),
    share: shareOf(peer, earliestMs, nowMs),
    inFlight: peer.inFlight,
  }));
}

function whyUnfit(world: ForeseeingWorld, live: LiveRoute, peer: Peer): PeerForesight['unfit'] {
  if (!peer.up) return null;
  if (peer.weight === 0) return 'drained';
  return peer.ejected ? 'ejected' : unfitnessOf(world, live, peer);
}

function foreseePick(world: ForeseeingWorld, live: LiveRoute, request: BalancedRequest): PickForesight {
  const looker = new Looker(live.balancer);
  const choosing = { ...request, live: { ...live, balancer: looker } };
  const chosen = choosePeer(world, choosing, nobody);
  if (typeof chosen === 'string') {
    const nowMs = world.monotonic();
    const untilMs = waitsUntilMs(world, live, chosen, { sinceMs: nowMs, doubtUntilMs: 0 });
    return { kind: 'nobody', reason: chosen, heldMs: Math.max(0, untilMs - nowMs) };
  }
  if (looker.undecided !== null) {
    return { kind: 'among', ids: looker.undecided.slice(0, peersMax).map(({ address }) => address.id) };
  }
  const session = live.affinity?.peerOf(request, (peer) => peer === chosen) === chosen;
  return { kind: 'peer', id: chosen.address.id, session };
}

/** Stands in for a balancer, and takes no turn. */
class Looker implements Balancer {
  /** Those among whom turns or lots decide; null where it is certain. */
  undecided: readonly Peer[] | null = null;
  readonly #balancer: Balancer;

  constructor(balancer: Balancer) {
    this.#balancer = balancer;
  }

  choose(candidates: readonly Peer[], request: BalancedRequest): Peer {
    const certain = this.foresee(candidates, request);
    this.undecided = certain === null ? candidates : null;
    return certain ?? (candidates[0] as Peer);
  }

  foresee(candidates: readonly Peer[], request: BalancedRequest): Peer | null {
    return this.#balancer.foresee(candidates, request);
  }
}
