import { inner, listAt, shapeOf, textAt, textsAt } from '../base/shape.ts';
import { editDistance } from '../base/suggest.ts';

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

/**
 * Label keys are case-insensitive (contract §1.4). Whoever wrote `porxy.host` is to be told, so what is nearly ours counts; what it
 * comes to is for those to say who read labels.
 */
export function hasProxyLabel(labels: Readonly<Record<string, unknown>>): boolean {
  for (const key in labels) if (isProxyWord(/^[^.:]*(?=[.:])/.exec(key)?.[0] ?? '')) return true;
  return false;
}

/** First words of labels, which are few: whether each is `proxy`, or at most two slips away from it. */
const words = new Map<string, boolean>();
const wordsMax = 1_000;

function isProxyWord(word: string): boolean {
  if (word.length < 3 || word.length > 7) return false;
  let isOurs = words.get(word);
  if (isOurs === undefined) {
    isOurs = editDistance(word.toLowerCase(), 'proxy', 2) <= 2;
    if (words.size < wordsMax) words.set(word, isOurs);
  }
  return isOurs;
}

/** `Up 2 hours (healthy)` → `Up (healthy)`: the age of a state is no change of it. */
function lasting(status: string): string {
  const word = /^\w+/.exec(status)?.[0] ?? '';
  return [word, ...(status.match(/\([^)]*\)/g) ?? [])].join(' ');
}
