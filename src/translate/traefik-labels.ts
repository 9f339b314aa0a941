/** One label of Traefik: its text, and how its key is written. */
export interface TraefikLabel {
  readonly text: string;
  readonly about: string;
}

/** What labels say of one router, service or middleware, by the rest of the key; lower case but for names of headers. */
export type TraefikPart = ReadonlyMap<string, TraefikLabel>;

/** The labels of one container under `traefik.http`, by name. */
export interface TraefikLabels {
  readonly routers: ReadonlyMap<string, TraefikPart>;
  readonly services: ReadonlyMap<string, TraefikPart>;
  readonly middlewares: ReadonlyMap<string, TraefikPart>;
  /** All other labels that begin with `traefik.`, by key in lower case. */
  readonly others: TraefikPart;
}

/** @returns null where no label is Traefik's. */
export function readTraefikLabels(labels: Readonly<Record<string, string>>): TraefikLabels | null {
  const parts = {
    routers: new Map<string, Map<string, TraefikLabel>>(),
    services: new Map<string, Map<string, TraefikLabel>>(),
    middlewares: new Map<string, Map<string, TraefikLabel>>(),
    others: new Map<string, TraefikLabel>(),
  };
  for (const [key, text] of Object.entries(labels)) {
    const about = key.trim();
    if (!/^traefik\./i.test(about)) continue;
    const label = { text: text.trim(), about };
    const [, kind = '', name = '', rest = ''] =
      /^traefik\.http\.(routers|services|middlewares)\.([^.]+)\.(.+)$/i.exec(about) ?? [];
    if (kind === '') parts.others.set(about.toLowerCase(), label);
    else {
      const group = parts[kind.toLowerCase() as 'routers' | 'services' | 'middlewares'];
      const part = group.get(name.toLowerCase()) ?? new Map<string, TraefikLabel>();
      group.set(name.toLowerCase(), part.set(withHeaderName(rest), label));
    }
  }
  const { routers, services, middlewares, others } = parts;
  return routers.size + services.size + middlewares.size + others.size === 0 ? null : parts;
}

function withHeaderName(rest: string): string {
  const [, before, name] = /^(headers\.custom(?:request|response)headers\.)(.+)$/i.exec(rest) ?? [];
  return before === undefined ? rest.toLowerCase() : before.toLowerCase() + name;
}
