import { readFileSync } from 'node:fs';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';

/** A file that cannot be linted; the message names it and says why. */
export class UnreadableCompose extends Error {}

/** Where something stands; lines count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A compose file, parsed and no more: variables are still in it. */
export interface ComposeDocument {
  readonly path: string;
  readonly root: Readonly<Record<string, unknown>>;
  placeOf(service: string): Place;
  /** By the key as it is written, of `labels` and `deploy.labels`. */
  labelPlaces(service: string): ReadonlyMap<string, Place>;
}

const fileBytesMax = 4 * 1024 ** 2;

/** Deeper than anybody nests merge keys. */
const mergeDepthMax = 10;

/** @throws UnreadableCompose */
export function readComposeDocument(path: string): ComposeDocument {
  const lines = new LineCounter();
  const options = { merge: true, prettyErrors: true, logLevel: 'silent', lineCounter: lines } as const;
  const document = parseDocument(readText(path), options);
  const [error] = document.errors;
  if (error !== undefined) throw new UnreadableCompose(`${path}: ${error.message.split('\n', 1)[0]}`);
  let root: unknown;
  try {
    // Few aliases are enough for a person; a file of nested ones would fill the memory.
    root = document.toJS({ maxAliasCount: 1_000 });
  } catch (error) {
    throw new UnreadableCompose(`${path}: ${(error as Error).message}`);
  }
  if (!isRecord(root) || !(isRecord(root.services) || Array.isArray(root.include)))
    throw new UnreadableCompose(`${path}: no compose file: it has no \`services:\``);
  const placeAt = (node: unknown): Place => ({ file: path, line: lineOf(node, lines) });
  const services = () => pairsOf(pairsOf(document.contents, document).get('services')?.value, document);
  return {
    path,
    root,
    placeOf: (service) => placeAt(services().get(service)?.key),
    labelPlaces: (service) => {
      const parts = pairsOf(services().get(service)?.value, document);
      const deploy = pairsOf(parts.get('deploy')?.value, document);
      const places = new Map<string, Place>();
      for (const labels of [deploy.get('labels'), parts.get('labels')])
        for (const [key, node] of labelNodes(labels?.value, document)) places.set(key, placeAt(node));
      return places;
    },
  };
}

function readText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (Buffer.byteLength(text) <= fileBytesMax) return text;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UnreadableCompose(`${path}: ${code === 'ENOENT' ? 'there is no such file' : (code ?? message)}`);
  }
  throw new UnreadableCompose(`${path}: larger than 4 MiB`);
}

function lineOf(node: unknown, lines: LineCounter): number {
  const offset = (node as Node | null | undefined)?.range?.[0];
  return offset === undefined ? 1 : Math.max(1, lines.linePos(offset).line);
}

/** The pairs of a map by key, those that `<<` brings included. */
function pairsOf(value: unknown, document: Document, depth = 0): Map<string, Pair> {
  const map = followed(value, document);
  const pairs = new Map<string, Pair>();
  if (!isMap(map) || depth > mergeDepthMax) return pairs;
  const merged: unknown[] = [];
  for (const pair of map.items) {
    const key = keyOf(pair);
    if (key !== '<<') pairs.set(key, pair);
    else {
      const sources = followed(pair.value, document);
      merged.push(...(isSeq(sources) ? sources.items : [sources]));
    }
  }
  for (const source of merged)
    for (const [key, pair] of pairsOf(source, document, depth + 1)) if (!pairs.has(key)) pairs.set(key, pair);
  return pairs;
}

/** The merge key is read as a symbol. */
function keyOf({ key }: Pair): string {
  const value = isScalar(key) ? key.value : key;
  return typeof value === 'symbol' ? (value.description ?? '') : String(value);
}

function labelNodes(value: unknown, document: Document): [string, unknown][] {
  const labels = followed(value, document);
  if (!isSeq(labels)) return [...pairsOf(labels, document)].map(([key, pair]) => [key, pair.key]);
  return labels.items.map((item): [string, unknown] => {
    const node = followed(item, document);
    return [String(isScalar(node) ? node.value : '').split('=', 1)[0] as string, node];
  });
}

function followed(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A scalar as text; '' for anything else. */
export function scalarText(value: unknown): string {
  return value === null || value === undefined || typeof value === 'object' ? '' : String(value);
}
