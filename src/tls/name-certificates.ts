import { isLocalName } from './local-names.ts';
import type { CertificateSource, WantedCertificate } from './wanted.ts';
import { sourceText, wantedId } from './wanted-id.ts';

/** Something that needs a name in a certificate. */
export interface NameAsk {
  /** null = whatever stands in the file. */
  readonly name: string | null;
  readonly source: CertificateSource;
  /** What it may share a certificate with: asks of the same set. */
  readonly set: string;
  readonly routes: readonly string[];
}

/** Let's Encrypt takes no order of more, no other public issuer many more, and the internal authority signs no more. */
const namesPerOrderMax = 100;

/** A certificate before its names are counted. */
interface Group {
  readonly first: NameAsk;
  /** The routes of each name. */
  readonly names: Map<string, string[]>;
  /** Routes that take whatever names there are. */
  readonly nameless: string[];
}

/**
 * Puts names together in certificates: those of one set that come from the same place share one, no name is in two, and a name
 * right below a wildcard that is asked for anyway (by the same issuer, or by any where none is prescribed) needs none.
 */
export function nameCertificates(asks: readonly NameAsk[]): {
  readonly certificates: readonly WantedCertificate[];
  readonly idByAsk: ReadonlyMap<NameAsk, string>;
  /** Sets that had to be split, by their first ask. */
  readonly crowds: readonly { readonly ask: NameAsk; readonly count: number }[];
} {
  const leaders = new Leaders(asks);
  const groups = new Map<string, Group>();
  const seats = new Map<NameAsk, { readonly group: Group; readonly name: string | null }>();
  for (const ask of asks) {
    const leader = leaders.of(ask);
    const key = groupKey(leader);
    const group: Group = groups.get(key) ?? { first: leader, names: new Map(), nameless: [] };
    groups.set(key, group);
    if (leader.name === null) group.nameless.push(...ask.routes);
    else group.names.set(leader.name, [...(group.names.get(leader.name) ?? []), ...ask.routes]);
    seats.set(ask, { group, name: leader.name });
  }

  const certificates: WantedCertificate[] = [];
  const ids = new Map<Group, Map<string | null, string>>();
  const crowds: { ask: NameAsk; count: number }[] = [];
  for (const group of groups.values()) {
    const { source } = group.first;
    const sorted = [...group.names.keys()].sort();
    const parts = source.kind === 'file' ? [sorted] : chunks(sorted, namesPerOrderMax);
    if (parts.length > 1) crowds.push({ ask: group.first, count: sorted.length });
    const idByName = new Map<string | null, string>();
    for (const names of parts) {
      const id = wantedId(source, names);
      const routes = [...names.flatMap((name) => group.names.get(name) ?? []), ...group.nameless];
      certificates.push({ id, names, source, routes: [...new Set(routes)] });
      for (const name of [null, ...names]) idByName.set(name, id);
    }
    ids.set(group, idByName);
  }
  const idByAsk = new Map(
    [...seats].map(([ask, { group, name }]) => [ask, ids.get(group)?.get(name) as string] as const),
  );
  return { certificates, idByAsk, crowds };
}

/** Who speaks for an ask: the first for the same name from the same place, or the wildcard above it. */
class Leaders {
  readonly #byName = new Map<string, NameAsk>();
  readonly #wildcards = new Map<string, NameAsk>();

  constructor(asks: readonly NameAsk[]) {
    for (const ask of asks) {
      if (ask.name === null) continue;
      keepFirst(this.#byName, nameKey(ask, ask.name), ask);
      if (ask.source.kind === 'acme' && ask.name.startsWith('*.')) keepFirst(this.#wildcards, ask.name, ask);
    }
  }

  of(ask: NameAsk): NameAsk {
    const { name, source } = ask;
    if (name === null) return ask;
    if (source.kind === 'acme' && !name.startsWith('*.')) {
      const wildcard = `*${name.slice(name.indexOf('.'))}`;
      const above =
        this.#byName.get(nameKey(ask, wildcard)) ??
        (source.issuer === null ? this.#wildcards.get(wildcard) : undefined);
      if (above !== undefined) return above;
    }
    return this.#byName.get(nameKey(ask, name)) ?? ask;
  }
}

function keepFirst(map: Map<string, NameAsk>, key: string, ask: NameAsk): void {
  if (!map.has(key)) map.set(key, ask);
}

function nameKey({ source }: NameAsk, name: string): string {
  return `${sourceText(source)} ${name}`;
}

function groupKey({ source, set, name }: NameAsk): string {
  switch (source.kind) {
    case 'file':
      return sourceText(source);
    case 'none':
      // Each has its own reason.
      return `${sourceText(source)} ${name}`;
    case 'internal':
      // The root that most people trust can sign local names only.
      return `${sourceText(source)} ${name !== null && isLocalName(name)} ${set}`;
    case 'acme':
      return `${sourceText(source)} ${set}`;
    default:
      return source satisfies never;
  }
}

function chunks(names: readonly string[], size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(names.length / size) }, (_, i) => names.slice(i * size, (i + 1) * size));
}
