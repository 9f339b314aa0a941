import { isDeepStrictEqual } from 'node:util';
import type { BuiltTable, RouteDetail } from '../routing/route-detail.ts';

/**
 * Whether two tables ask for the same certificates on the same terms. Most tables differ from the one before in what a container
 * does, which is nothing to certificates; what did not change at all is the same object.
 */
export function asksTheSame(before: BuiltTable, after: BuiltTable): boolean {
  const [was, is] = [before.table.routes, after.table.routes];
  return (
    was.length === is.length &&
    is.every((route, i) => {
      const [one, other] = [before.details.get(was[i]?.id ?? ''), after.details.get(route.id)];
      return one === other || (one !== undefined && other !== undefined && isSame(one, other));
    })
  );
}

/** All that `wantedCertificates` looks at. */
function isSame(one: RouteDetail, other: RouteDetail): boolean {
  return isDeepStrictEqual(askingOf(one), askingOf(other));
}

function askingOf({ route, options, sources, winner }: RouteDetail): unknown {
  return [route.id, route.host, options, sources, winner.container.name, winner.spec];
}
