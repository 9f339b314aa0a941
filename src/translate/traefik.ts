import type { TraefikLabels, TraefikPart } from './traefik-labels.ts';
import { translateMiddleware } from './traefik-middleware.ts';
import { readRule, UnmappedRule } from './traefik-rule.ts';
import { translateService } from './traefik-service.ts';
import {
  closeRoute,
  type Draft,
  type DraftOption,
  isTrue,
  itemsOf,
  lostProtection,
  type Note,
  newRoute,
  othersClosed,
  type RouteDraft,
} from './translation.ts';

/** Middlewares of all containers by name: any router may use them. */
export type Middlewares = ReadonlyMap<string, TraefikPart>;

interface Router {
  readonly name: string;
  readonly part: TraefikPart;
  readonly rule: string;
  readonly about: string;
  /** Middlewares by name, chains unrolled. */
  readonly middlewares: readonly string[];
  /** By its own words, HTTP without TLS only. */
  readonly plain: boolean;
  /** All it does is to lead to https. */
  readonly onlyToHttps: boolean;
}

/** Deeper than anybody nests chains. */
const chainDepthMax = 10;

/** The labels of one container for Traefik 2 or 3. */
export function translateTraefik(labels: TraefikLabels, middlewares: Middlewares): Draft {
  const notes: Note[] = [];
  const shared = new Map<string, DraftOption>();
  if (noteOthers(labels, shared, notes) === 'disabled') return { routes: [], shared, notes };
  const routers = [...labels.routers].flatMap(([name, part]) => routerOf(name, part, middlewares, notes) ?? []);
  const twins = (one: Router) => routers.filter((other) => other !== one && other.rule === one.rule && !other.plain);
  const served = routers.filter((router) => !router.onlyToHttps && !(router.plain && twins(router).length > 0));
  for (const { about } of routers.filter(({ onlyToHttps }) => onlyToHttps))
    notes.push({
      about,
      says: 'http leads to https by itself, once there is a certificate (proxy.http)',
      severity: 'info',
    });
  const routes = served.flatMap((router) => {
    const read = routesOf(router, labels, middlewares, notes);
    // What it was to protect would be served by the others.
    if (read.length === 0 && router.middlewares.length > 0) {
      shared.set('deny', { text: '0.0.0.0/0,::/0', about: router.about });
      notes.push(othersClosed);
    }
    return read;
  });
  for (const router of routers.filter(({ plain, onlyToHttps }) => plain && !onlyToHttps)) {
    for (const route of routes.filter(({ name }) => name === router.name))
      route.options.set('tls', { text: 'off', about: router.about });
    for (const twin of twins(router))
      for (const route of routes.filter(({ name }) => name === twin.name))
        route.options.set('http', { text: 'serve', about: router.about });
  }
  if (labels.routers.size === 0)
    notes.push({
      about: '',
      says: 'no router: its host comes from the defaultRule of Traefik; write proxy.host yourself',
      severity: 'error',
    });
  return { routes, shared, notes };
}

function noteOthers(
  { others }: TraefikLabels,
  shared: Map<string, DraftOption>,
  notes: Note[],
): 'disabled' | 'enabled' {
  for (const [key, { text, about }] of others) {
    if (key === 'traefik.enable') {
      if (/^(false|0|f|no|off)$/i.test(text)) return 'disabled';
    } else if (/^traefik\.(docker|swarm)\.network$/.test(key)) shared.set('network', { text, about });
    else if (/^traefik\.(tcp|udp)\./.test(key))
      notes.push({ about, says: 'routes below HTTP are not there yet', severity: 'error' });
    else if (!/^traefik\.docker\./.test(key)) notes.push({ about, says: 'has no label', severity: 'warning' });
  }
  return 'enabled';
}

function routerOf(name: string, part: TraefikPart, middlewares: Middlewares, notes: Note[]): Router | null {
  const rule = part.get('rule');
  const about = rule?.about ?? [...part.values()][0]?.about ?? '';
  const target = part.get('service')?.text ?? '';
  if (target.endsWith('@internal')) {
    notes.push({
      about: part.get('service')?.about ?? '',
      says: "Traefik's own pages; see docs/admin.md for those of this proxy",
      severity: 'info',
    });
    return null;
  }
  if (rule === undefined) {
    notes.push({
      about,
      says: `router ${name} has no rule: its host comes from the defaultRule of Traefik; write proxy.host yourself`,
      severity: 'error',
    });
    return null;
  }
  const names = unrolled(itemsOf(part.get('middlewares')?.text ?? ''), middlewares);
  const entryPoints = itemsOf(part.get('entrypoints')?.text.toLowerCase() ?? '');
  const tls = [...part].some(([key, { text }]) => key.startsWith('tls.') || (key === 'tls' && isTrue(text)));
  const toHttps = (one: string) => middlewares.get(keyOf(one))?.get('redirectscheme.scheme')?.text === 'https';
  const plain = !tls && entryPoints.length > 0 && entryPoints.every((entry) => /^(web|http|insecure)$/.test(entry));
  return { name, part, rule: rule.text, about, middlewares: names, plain, onlyToHttps: !tls && names.some(toHttps) };
}

/** `auth@docker` is one of these containers, `auth@file` is not. */
function keyOf(name: string): string {
  return name.toLowerCase().replace(/@docker$/, '');
}

function unrolled(names: readonly string[], middlewares: Middlewares, depth = 0): string[] {
  return names.flatMap((name) => {
    const chain = middlewares.get(keyOf(name))?.get('chain.middlewares');
    return chain === undefined || depth > chainDepthMax
      ? [name]
      : unrolled(itemsOf(chain.text), middlewares, depth + 1);
  });
}

function routesOf(router: Router, labels: TraefikLabels, middlewares: Middlewares, notes: Note[]): RouteDraft[] {
  const { name, part, rule, about } = router;
  try {
    return readRule(rule).map((one) => {
      const hosts = one.hosts.length > 0 ? [...one.hosts] : ['*'];
      const route: RouteDraft = {
        ...newRoute(name),
        hosts,
        paths: one.paths.filter((path) => path !== '/'),
        match: [...one.match],
      };
      const service = serviceOf(router, labels, notes);
      if (service !== null) translateService(service, route, notes);
      translateRouter(part, route, notes);
      for (const used of router.middlewares) applyMiddleware(used, part, middlewares, route, notes);
      return route;
    });
  } catch (error) {
    if (!(error instanceof UnmappedRule)) throw error;
    notes.push({ about, says: `route ${name} is left out: of its rule ${error.message}`, severity: 'error' });
    return [];
  }
}

function serviceOf({ part, name }: Router, { services }: TraefikLabels, notes: Note[]): TraefikPart | null {
  const wanted = part.get('service');
  if (wanted === undefined) return [...services.values()][0] ?? null;
  const found = services.get(keyOf(wanted.text));
  if (found === undefined)
    notes.push({
      about: wanted.about,
      says: `route ${name} belongs on the service that has this one: a route leads to its own container`,
      severity: 'error',
    });
  return found ?? null;
}

function translateRouter(part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  for (const [key, { text, about }] of part) {
    const set = (option: string, value: string) => route.options.set(option, { text: value, about });
    if (key === 'priority') set('priority', text);
    else if (key === 'tls.certresolver')
      notes.push({
        about,
        says: 'certificates are ordered once FAIRLEAD_ACME_EMAIL is set; proxy.tls=<issuer> chooses another issuer',
        severity: 'info',
      });
    else if (/^tls\.domains\[\d+\]\.(main|sans)$/.test(key)) {
      if (text.includes('*.')) set('tls.wildcard', 'true');
    } else if (key === 'tls.options') {
      closeRoute(route, about);
      notes.push(
        lostProtection(
          about,
          'these options are in a file of Traefik, and may ask clients for a certificate; see proxy.tls.min and proxy.tls.client',
        ),
      );
    } else if (key === 'observability.accesslogs') set('log', isTrue(text) ? 'on' : 'off');
    else if (!/^(rule|rulesyntax|service|entrypoints|middlewares|tls|observability\..*)$/.test(key))
      notes.push({ about, says: 'has no label', severity: 'warning' });
  }
}

function applyMiddleware(
  name: string,
  router: TraefikPart,
  middlewares: Middlewares,
  route: RouteDraft,
  notes: Note[],
): void {
  const part = middlewares.get(keyOf(name));
  if (part === undefined) {
    const about = router.get('middlewares')?.about ?? '';
    closeRoute(route, about);
    notes.push(lostProtection(about, `the middleware ${name} is defined elsewhere`));
    return;
  }
  const byType = new Map<string, Map<string, { text: string; about: string }>>();
  for (const [key, label] of part) {
    const [type = '', ...rest] = key.split('.');
    byType.set(type, (byType.get(type) ?? new Map()).set(rest.join('.'), label));
  }
  for (const [type, options] of byType) translateMiddleware(type, options, route, notes);
}
