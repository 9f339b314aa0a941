import type { Container } from '../docker/container.ts';
import type { Problem } from '../labels/problem.ts';
import type { RouteSpec } from '../labels/spec.ts';
import type { Claim } from './claims.ts';
import { labelOf, labelText } from './option-label.ts';
import type { Claimant } from './pool.ts';

/** Two routes of a container take the very same requests: one of them is never reached. */
export function shadowedRoute(container: Container, claim: Claim, by: Claim): Problem {
  const label = labelOf(claim.spec, 'path');
  return {
    container: container.name,
    label,
    value: labelText(claim.spec, 'path'),
    expected: `a host, path or match of its own: ${routeName(by.spec)} takes the same requests (${claim.id}), so ${routeName(claim.spec)} is never reached there`,
    suggestion: `give ${routeName(claim.spec)} another path, such as ${label}=/${claim.spec.name || 'app'}`,
    severity: 'error',
  };
}

export function aimlessAlias(container: Container, spec: RouteSpec): Problem {
  return {
    container: container.name,
    label: labelOf(spec, 'alias'),
    value: labelText(spec, 'alias'),
    expected: 'an exact host to redirect to; this route has only patterns',
    suggestion: `add one to ${labelOf(spec, 'host')}, such as app.example.com`,
    severity: 'error',
  };
}

export function aliasIsHost({ container, claim }: Claimant, host: Claimant): Problem {
  const same = host.container === container ? 'this container' : `container ${host.container.name}`;
  return {
    container: container.name,
    label: labelOf(claim.spec, 'alias'),
    value: labelText(claim.spec, 'alias'),
    expected: `a name that nobody serves: ${claim.host.text} is a host of ${same}, and that wins`,
    suggestion: `remove ${claim.host.text} from ${labelOf(claim.spec, 'alias')} or from ${labelOf(host.claim.spec, 'host')} of ${host.container.name}`,
    severity: 'error',
  };
}

export function aliasOfSeveral(loser: Claimant, winner: Claimant): Problem {
  const { claim, container } = loser;
  return {
    container: container.name,
    label: labelOf(claim.spec, 'alias'),
    value: labelText(claim.spec, 'alias'),
    expected: `one host for the alias ${claim.host.text}: ${winner.container.name}, the newest, redirects it to ${winner.claim.target} and wins over ${claim.target} of ${container.name}`,
    suggestion: `remove ${claim.host.text} from ${labelOf(claim.spec, 'alias')} of one of them`,
    severity: 'warning',
  };
}

export function nothingToStrip({ container, claim }: Claimant): Problem {
  const label = labelOf(claim.spec, 'strip');
  return {
    container: container.name,
    label,
    value: labelText(claim.spec, 'strip'),
    expected: `a prefix to remove, because ${claim.path.text} is a pattern and has none; nothing is removed`,
    suggestion: `name it: ${label}=/prefix`,
    severity: 'warning',
  };
}

function routeName(spec: RouteSpec): string {
  return spec.name === '' ? 'the base route' : `proxy.${spec.name}`;
}
