import { applyDirective } from './caddy-directives.ts';
import { type Condition, caddyPath, readMatcher } from './caddy-matchers.ts';
import { type Directive, wordsOf } from './caddy-tree.ts';
import {
  closeRoute,
  type Draft,
  type DraftOption,
  lostProtection,
  type Note,
  newRoute,
  type RouteDraft,
} from './translation.ts';

/** Deeper than anybody nests handles and snippets. */
const depthMax = 10;

/** The labels of one container for caddy-docker-proxy. */
export function translateCaddy(labels: Readonly<Record<string, string>>, sites: readonly Directive[]): Draft {
  const notes: Note[] = [];
  const shared = new Map<string, DraftOption>();
  const network = labels.caddy_ingress_network;
  if (network !== undefined) shared.set('network', { text: network, about: 'caddy_ingress_network' });
  const snippets = new Map(sites.filter(isSnippet).map((site) => [site.args.slice(1, -1), site]));
  const routes = sites
    .filter((site) => !isSnippet(site))
    .flatMap((site) => {
      if (site.args !== '') return new SiteReader(snippets, notes).read(site);
      notes.push({
        about: site.about,
        says: 'global options are settings of the proxy; see docs/settings.md',
        severity: 'warning',
      });
      return [];
    });
  return { routes, shared, notes };
}

function isSnippet({ args }: Directive): boolean {
  return /^\(.*\)$/.test(args);
}

class SiteReader {
  readonly #snippets: ReadonlyMap<string, Directive>;
  readonly #notes: Note[];

  constructor(snippets: ReadonlyMap<string, Directive>, notes: Note[]) {
    this.#snippets = snippets;
    this.#notes = notes;
  }

  read(site: Directive): RouteDraft[] {
    const route = newRoute('');
    for (const address of site.args.split(/[\s,]+/).filter(Boolean)) this.#address(address, site, route);
    const routes = this.#block(this.#withSnippets(site.block), route);
    // A site of which all requests are taken by its handles, and nothing else, needs no route of its own.
    return routes.length > 1 && !this.#answers(routes[0] as RouteDraft) ? routes.slice(1) : routes;
  }

  #answers({ options }: RouteDraft): boolean {
    return ['port', 'redirect', 'scheme', 'deny'].some((key) => options.has(key)) || this.#proxied;
  }

  /** A `reverse_proxy` without a port stands in the site itself. */
  #proxied = false;

  /** `http://` alone is a site without TLS. */
  #address(address: string, { about }: Directive, route: RouteDraft): void {
    const [, scheme = '', name = '', port, path = ''] =
      /^(https?:\/\/)?([^/:]*)(?::(\d+))?(\/.*)?$/.exec(address) ?? [];
    route.hosts.push(name === '' ? '*' : name);
    if (scheme === 'http://' || port === '80') route.options.set('tls', { text: 'off', about });
    if (port !== undefined && port !== '80' && port !== '443')
      this.#notes.push({
        about,
        says: `port ${port}: all sites are served on the ports of FAIRLEAD_HTTP and FAIRLEAD_HTTPS`,
        severity: 'warning',
      });
    if (path !== '' && path !== '/') route.paths.push(caddyPath(path));
  }

  #withSnippets(block: readonly Directive[], depth = 0): Directive[] {
    return block.flatMap((directive) => {
      const snippet = directive.name === 'import' ? this.#snippets.get(wordsOf(directive.args)[0] ?? '') : undefined;
      return snippet === undefined || depth > depthMax ? [directive] : this.#withSnippets(snippet.block, depth + 1);
    });
  }

  /** What stands in a block, with one further route for each matcher. */
  #block(block: readonly Directive[], route: RouteDraft, depth = 0): RouteDraft[] {
    const matchers = new Map(block.filter(({ name }) => name.startsWith('@')).map((one) => [one.name, one]));
    const narrowed: [Directive, readonly string[], Condition, string][] = [];
    for (const directive of block) {
      if (directive.name.startsWith('@')) continue;
      const [matcher, words] = splitMatcher(directive);
      const condition = matcher === null ? null : conditionOf(matcher, matchers);
      if (matcher !== null && condition === null) this.#unmatched(directive, route);
      else if (condition !== null && (condition.paths[0] !== '/' || condition.paths.length > 1))
        narrowed.push([directive, words, condition, matcher ?? '']);
      else if (/^(handle|handle_path|route)$/.test(directive.name)) {
        for (const inner of this.#withSnippets(directive.block)) this.#apply(inner, route);
      } else this.#apply(directive, route, words);
    }
    const others = new Map<string, RouteDraft>();
    for (const [directive, words, condition, matcher] of narrowed) {
      const key = JSON.stringify(condition);
      const before = others.get(key);
      const narrow = before ?? narrowRoute(route, condition, matcher);
      others.set(key, narrow);
      if (!/^(handle|handle_path|route)$/.test(directive.name)) this.#apply(directive, narrow, words);
      else {
        if (directive.name === 'handle_path') narrow.options.set('strip', { text: 'true', about: directive.about });
        const [own, ...deeper] =
          depth > depthMax ? [narrow] : this.#block(this.#withSnippets(directive.block), narrow, depth + 1);
        others.set(key, own as RouteDraft);
        for (const [at, one] of deeper.entries()) others.set(`${key} ${at}`, one);
      }
    }
    return [route, ...others.values()];
  }

  #apply(directive: Directive, route: RouteDraft, words = splitMatcher(directive)[1]): void {
    if (directive.name === 'reverse_proxy') this.#proxied ||= route.paths.length === 0 && route.match.length === 0;
    applyDirective(directive, words, route, this.#notes);
  }

  #unmatched({ name, about }: Directive, route: RouteDraft): void {
    if (/^(header|encode|log|rewrite|uri|redir)$/.test(name))
      return void this.#notes.push({
        about,
        says: `${name} is for requests that no label describes`,
        severity: 'warning',
      });
    closeRoute(route, about);
    this.#notes.push(lostProtection(about, `${name} is for requests that no label describes`));
  }
}

/** The same site with a further condition; what the site says holds there too. */
function narrowRoute(route: RouteDraft, { hosts, paths, match }: Condition, matcher: string): RouteDraft {
  return {
    name: matcher.startsWith('@') ? matcher.slice(1) : '',
    hosts: hosts.length > 0 ? [...hosts] : [...route.hosts],
    paths: paths.length > 0 ? [...paths] : [...route.paths],
    match: [...route.match, ...match],
    options: new Map(route.options),
  };
}

/** Directives of which the first argument may be a matcher. */
function splitMatcher({ name, args }: Directive): [matcher: string | null, words: readonly string[]] {
  const words = wordsOf(args);
  const [first = ''] = words;
  if (/^(tls|log|import|encode_zstd|bind)$/.test(name)) return [null, words];
  // The target of a rewrite or a redirect begins with a slash as well.
  const target = /^(rewrite|redir|respond|error)$/.test(name) && words.length === 1;
  if (first.startsWith('@') || first === '*' || (first.startsWith('/') && !target)) return [first, words.slice(1)];
  return [null, words];
}

function conditionOf(matcher: string, matchers: ReadonlyMap<string, Directive>): Condition | null {
  if (!matcher.startsWith('@')) return { hosts: [], paths: [caddyPath(matcher)], match: [] };
  const named = matchers.get(matcher);
  return named === undefined ? null : readMatcher(named);
}
