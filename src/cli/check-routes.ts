import type { Problem } from '../labels/problem.ts';
import { labelOf, labelText } from '../routing/option-label.ts';
import type { BuiltTable, RouteDetail, RouteMember } from '../routing/route-detail.ts';

/**
 * Routes that work, but hardly as anybody means them: unlike services that take turns, and patterns that a prefix of the same
 * host comes before.
 *
 * @param madeOf what the containers of one application have in common, by container id; '' where it cannot be told.
 */
export function routeProblems(built: BuiltTable, madeOf: (id: string) => string): Problem[] {
  const details = [...built.details.values()];
  return [...details.flatMap((detail) => unlikeServices(detail, madeOf)), ...details.flatMap(behindPrefix(details))];
}

function unlikeServices({ route, members, aliasOf }: RouteDetail, madeOf: (id: string) => string): Problem[] {
  const [first, ...others] = members.toSorted((a, b) => a.container.createdMs - b.container.createdMs);
  if (first === undefined || aliasOf !== null) return [];
  const its = madeOf(first.container.id);
  return others
    .filter(({ container }) => its !== '' && !['', its].includes(madeOf(container.id)))
    .map(({ container, spec }) =>
      warning(
        { container, spec },
        'host',
        `requests of its own: ${first.container.name} takes the same (${route.id}), so the two answer them by turns`,
        `give one of them another host, or a path of its own, such as ${pathLabel(spec.name)}=/${container.service || 'app'}`,
      ),
    );
}

/** A glob or a regex whose every match begins with a prefix that another route of the host has: the prefix comes first. */
function behindPrefix(details: readonly RouteDetail[]) {
  const prefixes = details.flatMap(({ route, winner }) =>
    route.path.kind === 'prefix' && route.path.prefix !== '' && route.match.length === 0
      ? [{ host: route.host.text, prefix: route.path.prefix, winner }]
      : [],
  );
  return ({ route, winner }: RouteDetail): Problem[] => {
    if (route.path.kind !== 'regex') return [];
    const begins = literalBeginning(route.path.text);
    const by = prefixes.find(({ host, prefix }) => host === route.host.text && begins.startsWith(`${prefix}/`));
    if (by === undefined) return [];
    return [
      warning(
        winner,
        'path',
        `a path that is reached: ${route.path.text} lies behind the prefix ${by.prefix} of ${by.winner.container.name}, and a prefix comes before a pattern`,
        'name it as a prefix or as an exact path (`=/…`), or take the prefix away from the other route',
      ),
    ];
  };
}

/** What every path that matches begins with, as far as that is plain. */
function literalBeginning(text: string): string {
  const source = text.startsWith('~') ? (/^~\^(.*)$/s.exec(text)?.[1] ?? '') : text;
  // Alternatives at the top may begin in any way.
  if (text.startsWith('~') && source.includes('|')) return '';
  const plain = /^[\w/-]*/.exec(source)?.[0] ?? '';
  // The last character may be optional.
  return /^[?*{+]/.test(source.slice(plain.length)) && text.startsWith('~') ? plain.slice(0, -1) : plain;
}

function pathLabel(name: string): string {
  return name === '' ? 'proxy.path' : `proxy.${name}.path`;
}

function warning(
  { container, spec }: Pick<RouteMember, 'container' | 'spec'>,
  option: 'host' | 'path',
  expected: string,
  suggestion: string,
): Problem {
  const label = labelOf(spec, option);
  return {
    container: container.name,
    label,
    value: labelText(spec, option),
    expected,
    suggestion,
    severity: 'warning',
  };
}
