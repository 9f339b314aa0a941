import { isIP } from 'node:net';
import type { AuthorizationDocument, OfferedChallenge } from './authorization-document.ts';

/** Ways of proving a name, as labels call them. */
export type ChallengeKind = 'http' | 'alpn' | 'dns';

export type ChallengeChoice =
  | { readonly kind: ChallengeKind; readonly challenge: OfferedChallenge }
  /** In words: why there is none. */
  | { readonly kind: 'none'; readonly why: string };

export interface ChoiceAbout {
  /** In order of preference; empty = whatever works, in the order http, alpn, dns. */
  readonly preference: readonly ChallengeKind[];
  /** Whether TXT records can be set. */
  readonly dns: boolean;
}

export const challengeTypes: Readonly<Record<ChallengeKind, string>> = {
  http: 'http-01',
  alpn: 'tls-alpn-01',
  dns: 'dns-01',
};

/** Picks how a name is proven: the first way that is wished, possible here and offered. */
export function chooseChallenge(authorization: AuthorizationDocument, about: ChoiceAbout): ChallengeChoice {
  const { wildcard, name, challenges } = authorization;
  const ways = waysToProve(wildcard ? `*.${name}` : name, about);
  if (ways.kind === 'none') return ways;
  for (const kind of ways.kinds) {
    const challenge = challenges.find(({ type }) => type === challengeTypes[kind]);
    if (challenge) return { kind, challenge };
  }
  const offered = challenges.map(({ type }) => type).join(', ') || 'nothing';
  const possible = ways.kinds.map((kind) => challengeTypes[kind]).join(', ');
  return { kind: 'none', why: `the issuer offers ${offered}, where ${possible} is possible` };
}

/** How a name can be proven, whatever an issuer offers: wildcards by DNS only, addresses never by it. */
export function waysToProve(
  name: string,
  { preference, dns }: ChoiceAbout,
):
  | { readonly kind: 'some'; readonly kinds: readonly ChallengeKind[] }
  | { readonly kind: 'none'; readonly why: string } {
  const wished = preference.length > 0 ? preference : (['http', 'alpn', 'dns'] as const);
  const fitting = wished.filter((kind) => fits(kind, name));
  const kinds = fitting.filter((kind) => kind !== 'dns' || dns);
  if (kinds.length > 0) return { kind: 'some', kinds };
  if (fitting.length > 0) return { kind: 'none', why: 'it is to be proven by DNS, and no access to DNS is set' };
  const only = isIP(name) === 0 ? 'a wildcard can be proven by DNS only' : 'an address can be proven over HTTP only';
  return { kind: 'none', why: `${only}, and another challenge is asked for` };
}

/** For an address TLS-ALPN-01 would be asked by its reverse name (RFC 8738 §6), which no route has. */
function fits(kind: ChallengeKind, name: string): boolean {
  if (isIP(name) !== 0) return kind === 'http';
  return kind === 'dns' || !name.startsWith('*.');
}
