import { editDistance } from '../base/suggest.ts';
import type { HostPattern } from '../labels/host-pattern.ts';
import { compareTexts } from './route-order.ts';
import type { Route } from './table.ts';

const nearestMax = 5;
const distanceMax = 3;
/** A neighbour in the tree of names is as near as two slips of the pen. */
const relatedDistance = 2;
/** Beyond this many hosts the rest is not compared: the answer is for a person who waits. */
const comparedMax = 20_000;

/** The hosts of the table (as they are written) that `host` may have been meant to be, the nearest first. */
export function nearestHosts(routes: readonly Route[], host: string): readonly string[] {
  const distances = new Map<string, number>();
  const seen = new Set<string>();
  for (const { host: pattern } of routes) {
    if (seen.has(pattern.text)) continue;
    if (seen.size === comparedMax) break;
    seen.add(pattern.text);
    const distance = distanceTo(pattern, host);
    if (distance <= distanceMax) distances.set(pattern.text, distance);
  }
  return [...distances]
    .sort(([a, near], [b, far]) => near - far || compareTexts(a, b))
    .slice(0, nearestMax)
    .map(([text]) => text);
}

function distanceTo(pattern: HostPattern, host: string): number {
  switch (pattern.kind) {
    case 'exact':
      if (isBelow(host, pattern.name) || isBelow(pattern.name, host)) return relatedDistance;
      return editDistance(host, pattern.name, distanceMax);
    case 'wildcard': {
      if (pattern.suffix === `.${host}`) return relatedDistance;
      const dot = host.indexOf('.');
      return dot < 0 ? distanceMax + 1 : editDistance(host.slice(dot), pattern.suffix, distanceMax);
    }
    default:
      return distanceMax + 1;
  }
}

/** `www.app.example.com` is below `app.example.com`; a name of one part has nobody that is only near because of it. */
function isBelow(name: string, above: string): boolean {
  return above.includes('.') && name.endsWith(`.${above}`);
}
