import { bracketed } from '../http/authority.ts';
import type { HostPattern } from '../labels/host-pattern.ts';
import type { PathPattern } from '../labels/path-pattern.ts';
import type { LabelReading, RouteSpec } from '../labels/spec.ts';
import { hostText, routeId } from './route-id.ts';

/** One host × path that the labels of a container ask for. */
export interface Claim {
  readonly id: string;
  readonly host: HostPattern;
  readonly path: PathPattern;
  readonly spec: RouteSpec;
  /** Place among the claims of its container. */
  readonly position: number;
  /** Set for a redirect that `proxy.alias` asks for: the host to redirect to. */
  readonly target: string | null;
  /** Claims of other routes of the container to the very same requests: they are never reached. */
  readonly shadowed: readonly Claim[];
}

/** Everything that one container asks for. */
export interface Claims {
  readonly routes: readonly Claim[];
  readonly aliases: readonly Claim[];
  /** Specs whose alias has no host it could be redirected to. */
  readonly aimless: readonly RouteSpec[];
}

const known = new WeakMap<LabelReading, Claims>();

/** The claims of a reading; the same object for the same reading, as labels of a container never change. */
export function claimsOf(reading: LabelReading): Claims {
  let claims = known.get(reading);
  if (claims === undefined) {
    claims = read(reading);
    known.set(reading, claims);
  }
  return claims;
}

function read({ specs }: LabelReading): Claims {
  // The base route first: what a named route merely inherits belongs to it.
  const ordered = [...specs].sort((a, b) => Number(a.name !== '') - Number(b.name !== ''));
  const routes = new Map<string, Claim>();
  let position = 0;
  for (const spec of ordered) {
    for (const host of spec.hosts) {
      for (const path of spec.paths) {
        const id = routeId(host, path, spec.match);
        const claim: Claim = { id, host, path, spec, position: position++, target: null, shadowed: none };
        const rival = routes.get(id);
        if (rival?.spec !== spec) routes.set(id, rival === undefined ? claim : withRival(claim, rival));
      }
    }
  }
  return { routes: [...routes.values()], ...readAliases(ordered, position) };
}

const none: readonly Claim[] = [];

/** Of two claims to the same requests the one with the higher priority counts, else the one that came first. */
function withRival(claim: Claim, rival: Claim): Claim {
  const [winner, loser] = claim.spec.priority > rival.spec.priority ? [claim, rival] : [rival, claim];
  return { ...winner, shadowed: [...rival.shadowed, { ...loser, shadowed: none }] };
}

const wholeHost: PathPattern = { kind: 'prefix', text: '/', prefix: '' };

function readAliases(specs: readonly RouteSpec[], from: number): Pick<Claims, 'aliases' | 'aimless'> {
  const aliases = new Map<string, Claim>();
  const aimless: RouteSpec[] = [];
  for (const spec of specs) {
    const { alias } = spec.options;
    if (alias.length === 0) continue;
    const first = spec.hosts.find((host) => host.kind === 'exact');
    if (first === undefined) {
      aimless.push(spec);
      continue;
    }
    for (const host of alias) {
      const id = routeId(host, wholeHost, []);
      // A named route inherits the alias of the base: it is the base's.
      if (aliases.has(id)) continue;
      aliases.set(id, {
        id,
        host,
        path: wholeHost,
        spec,
        position: from + aliases.size,
        target: bracketed(first.name),
        shadowed: none,
      });
    }
  }
  const isServed = (spec: RouteSpec) => spec.options.alias.every((host) => aliases.has(routeId(host, wholeHost, [])));
  return { aliases: [...aliases.values()], aimless: aimless.filter((spec) => !isServed(spec)) };
}

/** The host of a claim as a key. */
export function claimedHost(claim: Claim): string {
  return hostText(claim.host);
}
