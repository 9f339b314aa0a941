import { cookieValues } from '../http/cookies.ts';
import { TrustedNetworks } from '../http/forwarded.ts';
import type { Predicate } from '../labels/predicate.ts';
import type { MatchRequest } from './match-request.ts';

/** Answers whether the words of `proxy.match` hold for a request; sets of networks are built when first asked. */
export class Predicates {
  readonly #networks = new Map<Predicate, TrustedNetworks>();

  allHold(predicates: readonly Predicate[], request: MatchRequest): boolean {
    for (const predicate of predicates) if (!this.holds(predicate, request)) return false;
    return true;
  }

  holds(predicate: Predicate, request: MatchRequest): boolean {
    switch (predicate.kind) {
      case 'method':
        return predicate.methods.includes(request.method);
      case 'header':
        return meets(request.header(predicate.name)?.trim(), predicate.value);
      case 'query':
        return someValue(queryValues(request.query, predicate.name), predicate.value);
      case 'cookie':
        return someValue(cookieValues(request.header('cookie') ?? '', predicate.name), predicate.value);
      case 'ip':
        return this.#networksOf(predicate).has(request.clientAddress);
      default:
        return predicate satisfies never;
    }
  }

  #networksOf(predicate: Predicate & { kind: 'ip' }): TrustedNetworks {
    let networks = this.#networks.get(predicate);
    if (networks === undefined) {
      networks = new TrustedNetworks(predicate.cidrs);
      this.#networks.set(predicate, networks);
    }
    return networks;
  }
}

/** `wanted` null = it must only be there. */
function meets(value: string | undefined, wanted: string | null): boolean {
  return value !== undefined && (wanted === null || value === wanted);
}

function someValue(values: Iterable<string>, wanted: string | null): boolean {
  for (const value of values) if (meets(value, wanted)) return true;
  return false;
}

function* queryValues(query: string, name: string): Iterable<string> {
  if (query === '') return;
  for (const [key, value] of new URLSearchParams(query)) if (key === name) yield value;
}
