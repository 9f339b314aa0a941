import { parse } from 'yaml';
import {
  asRead,
  type Draft,
  type DraftOption,
  dollar,
  type ForeignService,
  isTrue,
  lostProtection,
  type Note,
  newRoute,
  type RouteDraft,
} from './translation.ts';

const labelPrefix = 'com.github.nginx-proxy.nginx-proxy.';

const balancing: Readonly<Record<string, string>> = {
  least_conn: 'least',
  ip_hash: 'iphash',
  'hash $request_uri': 'hash:uri',
  random: 'random2',
  'random two least_conn': 'random2',
};

const schemes: Readonly<Record<string, string>> = { http: 'http', https: 'https', grpc: 'h2c', grpcs: 'https' };

/** What one path of one host is, as `VIRTUAL_HOST_MULTIPORTS` says it. */
interface Location {
  readonly host: string;
  readonly path: string;
  readonly port: string;
  readonly dest: string;
  readonly about: string;
}

/** Variables and labels of nginx-proxy and its acme-companion; null where a container has none of them. */
export function translateNginxProxy({ labels, environment }: ForeignService): Draft | null {
  const locations = locationsOf(environment);
  if (locations === null) return null;
  const notes: Note[] = [];
  if (locations.length === 0)
    notes.push({ about: 'VIRTUAL_HOST_MULTIPORTS', says: 'hosts cannot be read from it', severity: 'error' });
  const shared = new Map<string, DraftOption>();
  const draft = { shared, notes };
  translateVariables(environment, draft);
  translateLabels(labels, draft);
  if (/^(fastcgi|uwsgi|scgi)$/.test(environment.VIRTUAL_PROTO ?? '')) {
    notes.push({
      about: 'VIRTUAL_PROTO',
      says: 'only backends that speak HTTP are served: put a web server before it',
      severity: 'error',
    });
    return { routes: [], shared, notes };
  }
  return { routes: routesOf(locations, draft), shared, notes };
}

function locationsOf(environment: ForeignService['environment']): Location[] | null {
  const about = 'VIRTUAL_HOST_MULTIPORTS';
  const several = environment[about];
  if (several !== undefined && several.trim() !== '') return multiports(several, about);
  const hosts = environment.VIRTUAL_HOST;
  if (hosts === undefined || hosts.trim() === '') return null;
  return hosts
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '')
    .map((host) => ({
      host: hostText(host),
      path: environment.VIRTUAL_PATH ?? '/',
      port: environment.VIRTUAL_PORT ?? '',
      dest: environment.VIRTUAL_DEST ?? '',
      about: 'VIRTUAL_HOST',
    }));
}

/** `host: { /path: { port: 80, dest: / } }`, in YAML or JSON. */
function multiports(text: string, about: string): Location[] {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0, logLevel: 'silent' });
  } catch {
    return [];
  }
  return entriesOf(value).flatMap(([host, paths]) => {
    const entries = entriesOf(paths);
    return (entries.length === 0 ? ([['/', null]] as [string, unknown][]) : entries).map(([path, way]) => {
      const { port = '', dest = '' } = Object.fromEntries(entriesOf(way));
      return { host: hostText(host), path, port: String(port), dest: String(dest), about };
    });
  });
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** `www.*` is any ending. */
function hostText(host: string): string {
  if (!host.endsWith('.*')) return host;
  return `~^${host.slice(0, -2).replaceAll('.', '\\.')}\\.`;
}

function routesOf(locations: readonly Location[], { notes }: Pick<Draft, 'notes'> & { notes: Note[] }): RouteDraft[] {
  const routes = new Map<string, RouteDraft>();
  for (const { host, path, port, dest, about } of locations) {
    const key = JSON.stringify([path, port, dest]);
    const before = routes.get(key);
    if (before !== undefined) {
      before.hosts.push(host);
      continue;
    }
    const route = { ...newRoute(''), hosts: [host], paths: path === '/' || path === '' ? [] : [pathText(path)] };
    if (port !== '') route.options.set('port', { text: port, about });
    setDest(route, dest, about, notes);
    routes.set(key, route);
  }
  return [...routes.values()];
}

/** `= /exact`, `~regex`, `^~ /prefix`, `/prefix/`. */
function pathText(path: string): string {
  return path
    .replace(/^=\s*/, '=')
    .replace(/^\^~\s*/, '')
    .replace(/^~\*\s*(.*)$/, '~(?i:$1)')
    .replace(/^~\s*/, '~');
}

function setDest(route: RouteDraft, dest: string, about: string, notes: Note[]): void {
  const [path] = route.paths;
  if (dest === '' || path === undefined) return;
  if (!path.startsWith('/'))
    notes.push({
      about: 'VIRTUAL_DEST',
      says: 'of a pattern no prefix can be removed; see proxy.rewrite',
      severity: 'warning',
    });
  else if (dest === '/') route.options.set('strip', { text: 'true', about });
  else {
    route.options.set('strip', { text: 'true', about });
    route.options.set('rewrite', { text: `^/(.*) -> ${dest.replace(/\/$/, '')}/${dollar}1`, about });
  }
}

function translateVariables(
  environment: ForeignService['environment'],
  { shared, notes }: { shared: Map<string, DraftOption>; notes: Note[] },
): void {
  for (const [about, written] of Object.entries(environment)) {
    const text = written.trim();
    const set = (key: string, value: string) => shared.set(key, { text: value, about });
    const note = (says: string, severity: Note['severity']) => notes.push({ about, says, severity });
    if (text === '') continue;
    switch (about) {
      case 'VIRTUAL_PROTO':
        if (Object.hasOwn(schemes, text) && text !== 'http') set('scheme', schemes[text] as string);
        // nginx does not look at certificates of backends.
        if (text === 'https' || text === 'grpcs') set('scheme.verify', 'false');
        break;
      case 'HTTPS_METHOD':
        if (text === 'noredirect') set('http', 'serve');
        else if (text === 'nohttp') set('http', 'off');
        else if (text === 'nohttps') set('tls', 'off');
        break;
      case 'HSTS':
        if (text !== 'off') set('header.Strict-Transport-Security', text);
        break;
      case 'NETWORK_ACCESS':
        if (text === 'internal') set('allow', 'private');
        break;
      case 'CERT_NAME':
        set('tls', `cert:${text}`);
        break;
      case 'SSL_POLICY':
        if (text === 'Mozilla-Modern') set('tls.min', '1.3');
        else if (!/^Mozilla-(Intermediate|Old)$/.test(text))
          note('only the lowest version of TLS has a label, proxy.tls.min', 'warning');
        break;
      case 'ACME_HOST':
      case 'LETSENCRYPT_HOST':
        note('certificates are ordered for every host once FAIRLEAD_ACME_EMAIL is set', 'info');
        break;
      case 'ACME_EMAIL':
      case 'LETSENCRYPT_EMAIL':
        note('is FAIRLEAD_ACME_EMAIL of the proxy', 'info');
        break;
      case 'ACME_CA_URI':
        note('is FAIRLEAD_ACME_DIRECTORY of the proxy', 'info');
        break;
      case 'ACME_CHALLENGE':
        if (text === 'DNS-01') {
          set('tls.challenge', 'dns');
          note('the provider of DNS is a setting of the proxy; see docs/dns-challenges.md', 'info');
        }
        break;
      case 'LETSENCRYPT_TEST':
        if (isTrue(text)) note('for an issuer to try things with, set FAIRLEAD_ACME_DIRECTORY', 'info');
        break;
      default:
        if (/^(VIRTUAL_(?!HOST|PORT|PATH|DEST)|(LETSENCRYPT|ACME)_|SERVER_TOKENS$)/.test(about))
          note('has no label', 'warning');
    }
  }
}

function translateLabels(
  labels: ForeignService['labels'],
  { shared, notes }: { shared: Map<string, DraftOption>; notes: Note[] },
): void {
  for (const [about, written] of Object.entries(labels)) {
    if (!about.startsWith(labelPrefix)) continue;
    const text = (asRead(written) ?? written).trim().replace(/;$/, '');
    const option = about.slice(labelPrefix.length);
    if (option === 'loadbalance') {
      const policy = balancing[text.replace(/\s+consistent$/, '')];
      if (policy === undefined)
        notes.push({ about, says: 'see proxy.lb for the policies that there are', severity: 'warning' });
      else shared.set('lb', { text: policy, about });
    } else if (option === 'ssl_verify_client') {
      if (text === 'off') continue;
      shared.set('deny', { text: '0.0.0.0/0,::/0', about });
      notes.push(lostProtection(about, 'clients have to show a certificate: proxy.tls.client=@/path/to/ca.pem'));
    } else if (!/^(keepalive|http2\.enable|http3\.enable|trust-default-cert)$/.test(option))
      notes.push({ about, says: 'has no label', severity: 'warning' });
  }
}
