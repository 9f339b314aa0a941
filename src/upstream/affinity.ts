import { createHmac } from 'node:crypto';
import { cookieValues } from '../http/cookies.ts';
import type { StickyPolicy } from '../routing/table.ts';
import type { BalancedRequest } from './balancer.ts';
import type { Peer } from './peer.ts';

/** A client may have sessions in so many pools of one host; the one that it used longest ago is forgotten first. */
const tokensMax = 4;
/** 128 of the 256 bits are enough that nobody guesses one. */
const tokenBytes = 16;
const tokenPattern = /^[A-Za-z0-9_-]{22}$/;

/**
 * Which container a client stays with (`proxy.sticky`), kept in a cookie of the client and nowhere else. It holds tokens:
 * HMAC-SHA256 of a container and the host, under the proxy's own key. Nobody else can make one or read anything in it.
 *
 * The routes of a host share the cookie, as they share its name: those with the same containers agree on the session, and
 * those with others have a token each.
 */
export class Affinity {
  readonly #policy: StickyPolicy;
  readonly #peers = new Map<string, Peer>();
  readonly #tokens = new Map<Peer, string>();

  /**
   * @param about `host`: of the route, as it is written in the labels. `key`: the proxy's own, the same for all workers and
   *   after a restart.
   */
  constructor(
    policy: StickyPolicy,
    about: { readonly host: string; readonly key: string; readonly peers: readonly Peer[] },
  ) {
    this.#policy = policy;
    for (const peer of about.peers) {
      const mac = createHmac('sha256', about.key).update(`${about.host}\n${peer.containerId}`).digest();
      const token = mac.subarray(0, tokenBytes).toString('base64url');
      this.#peers.set(token, peer);
      this.#tokens.set(peer, token);
    }
  }

  /** The peer that the client has a session with, of those that `may` take it. */
  peerOf(request: BalancedRequest, may: (peer: Peer) => boolean): Peer | null {
    for (const token of this.#tokensOf(request)) {
      const peer = this.#peers.get(token);
      if (peer !== undefined && may(peer)) return peer;
    }
    return null;
  }

  /** The line of Set-Cookie for an answer of `peer`; null where the client's cookie says so already. */
  setCookie(request: BalancedRequest, peer: Peer, { secure }: { readonly secure: boolean }): string | null {
    const sent = this.#tokensOf(request);
    const own = this.#tokens.get(peer);
    if (own === undefined || sent.find((token) => this.#peers.has(token)) === own) return null;
    const others = sent.filter((token) => !this.#peers.has(token));
    const { cookie, ttlMs } = this.#policy;
    return [
      `${cookie}=${[own, ...others].slice(0, tokensMax).join('.')}`,
      'Path=/',
      ...(ttlMs === 0 ? [] : [`Max-Age=${Math.ceil(ttlMs / 1000)}`]),
      ...(secure ? ['Secure'] : []),
      'HttpOnly',
      'SameSite=Lax',
    ].join('; ');
  }

  /** Well-formed ones, the newest first. */
  #tokensOf(request: BalancedRequest): string[] {
    const tokens: string[] = [];
    for (const value of cookieValues(request.header('cookie') ?? '', this.#policy.cookie)) {
      for (const token of value.split('.', tokensMax)) if (tokenPattern.test(token)) tokens.push(token);
    }
    return tokens.slice(0, tokensMax);
  }
}
