import type { RouteSpec } from './spec.ts';

/** Routes of one container: hosts × paths of all its specs. */
export const routesMax = 1_000;

/** Cuts hosts and paths that are too many; specs that fit are returned as they are, those without room not at all. */
export function withinRoutesMax(specs: readonly RouteSpec[]): readonly RouteSpec[] {
  let room = routesMax;
  const kept: RouteSpec[] = [];
  for (const spec of specs) {
    if (room <= 0) break;
    const paths = spec.paths.slice(0, room);
    const hosts = spec.hosts.slice(0, Math.floor(room / paths.length));
    room -= hosts.length * paths.length;
    const alias = spec.options.alias.slice(0, room);
    room -= alias.length;
    const whole =
      paths.length === spec.paths.length &&
      hosts.length === spec.hosts.length &&
      alias.length === spec.options.alias.length;
    kept.push(whole ? spec : { ...spec, hosts, paths, options: { ...spec.options, host: hosts, path: paths, alias } });
  }
  return kept;
}
