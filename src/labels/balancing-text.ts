import type { LoadBalancing } from './options.ts';

/** As a label would say it. */
export function balancingText(lb: LoadBalancing): string {
  if (lb.kind !== 'hash') return lb.kind;
  return lb.by === 'uri' ? 'hash:uri' : `hash:${lb.by}:${lb.name}`;
}
