import { inner, listAt, shapeOf, textAt, textsAt } from '../base/shape.ts';

/** What one entry of `GET /containers/json` is good for: to tell whether the container matters and whether it changed. */
export interface ListedContainer {
  readonly id: string;
  readonly names: readonly string[];
  readonly hasProxyLabel: boolean;
  readonly networkMode: string;
  /** Two equal ones mean that an inspection would say the same as before. */
  readonly fingerprint: string;
}

export function readListed(json: unknown): ListedContainer | null {
  const entry = shapeOf(json);
  const id = textAt(entry, 'Id').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(id)) return null;
  const labels = textsAt(entry, 'Labels');
  const names = listAt(entry, 'Names').filter((name) => typeof name === 'string');
  const networkMode = textAt(inner(entry, 'HostConfig'), 'NetworkMode');
  return {
    id,
    names: names.map((name) => name.replace(/^\//, '')),
    hasProxyLabel: hasProxyLabel(labels),
    networkMode,
    fingerprint: JSON.stringify([
      textAt(entry, 'State'),
      lasting(textAt(entry, 'Status')),
      names,
      labels,
      inner(entry, 'NetworkSettings'),
      // Engines list ports in no order.
      listAt(entry, 'Ports')
        .map((port) => JSON.stringify(port))
        .sort(),
      networkMode,
    ]),
  };
}

/** Label keys are case-insensitive (contract §1.4). */
export function hasProxyLabel(labels: Readonly<Record<string, unknown>>): boolean {
  for (const key in labels) if (/^proxy\./i.test(key)) return true;
  return false;
}

/** `Up 2 hours (healthy)` → `Up (healthy)`: the age of a state is no change of it. */
function lasting(status: string): string {
  const word = /^\w+/.exec(status)?.[0] ?? '';
  return [word, ...(status.match(/\([^)]*\)/g) ?? [])].join(' ');
}
