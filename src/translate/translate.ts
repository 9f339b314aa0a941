import { assemble } from './assemble.ts';
import { translateCaddy } from './caddy.ts';
import { readCaddyLabels } from './caddy-tree.ts';
import { translateNginxProxy } from './nginx-proxy.ts';
import { translateTraefik } from './traefik.ts';
import { readTraefikLabels, type TraefikPart } from './traefik-labels.ts';
import type { ForeignService, Translation } from './translation.ts';

/**
 * What the labels and variables of other proxies come to here, by service; services without any are left out. All services at
 * once, since a container may use what another one defines.
 */
export function translate(services: readonly ForeignService[]): ReadonlyMap<string, Translation> {
  const middlewares = new Map<string, TraefikPart>();
  for (const { labels } of services)
    for (const [name, part] of readTraefikLabels(labels)?.middlewares ?? []) middlewares.set(name, part);
  const translations = new Map<string, Translation>();
  for (const service of services) {
    const translation = translateOne(service, middlewares);
    if (translation !== null && translation.labels.length + translation.notes.length > 0)
      translations.set(service.name, translation);
  }
  return translations;
}

function translateOne(service: ForeignService, middlewares: ReadonlyMap<string, TraefikPart>): Translation | null {
  const { labels } = service;
  const traefik = readTraefikLabels(labels);
  const sites = readCaddyLabels(labels);
  const drafts = [
    traefik === null ? null : translateTraefik(traefik, middlewares),
    translateNginxProxy(service),
    sites.length === 0 ? null : translateCaddy(labels, sites),
  ].filter((draft) => draft !== null);
  const [first, ...others] = drafts;
  if (first === undefined) return null;
  if (Object.keys(labels).some((label) => /^\s*proxy\.(.*\.)?host\s*$/i.test(label)))
    return {
      labels: [],
      notes: [{ about: '', says: 'it has a proxy.host already, and is left as it is', severity: 'info' }],
    };
  const translation = assemble(first);
  if (others.length === 0) return translation;
  const says = 'it has labels for several proxies: those of the first were translated';
  return { ...translation, notes: [...translation.notes, { about: '', says, severity: 'warning' }] };
}
