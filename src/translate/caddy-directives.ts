import { type Directive, wordsOf } from './caddy-tree.ts';
import { translateCaddyProxy } from './caddy-upstream.ts';
import { closeRoute, dollar, lostProtection, type Note, type RouteDraft, setAuth } from './translation.ts';

/** What a directive does to a route. `words` are its arguments without a matcher. */
type Apply = (directive: Directive, words: readonly string[], route: RouteDraft, notes: Note[]) => void;

/** One directive of a site or of a `handle`, for the requests that the route already takes. */
export function applyDirective(directive: Directive, words: readonly string[], route: RouteDraft, notes: Note[]): void {
  const { name, about } = directive;
  const apply = Object.hasOwn(directives, name) ? (directives[name] as Apply) : null;
  if (apply !== null) return apply(directive, words, route, notes);
  if (harmless.test(name)) notes.push({ about, says: 'has no label', severity: 'warning' });
  else {
    closeRoute(route, about);
    notes.push(lostProtection(about, `the directive ${name} has no label`));
  }
}

/** Without these the site answers as before, or not at all. */
const harmless =
  /^(handle_errors|file_server|root|php_fastcgi|try_files|templates|push|vars|map|method|tracing|log_skip|skip_log|log_append|metrics|intercept|bind|fs)$/;

const directives: Readonly<Record<string, Apply>> = {
  reverse_proxy: translateCaddyProxy,
  redir: ({ about }, words, route) => {
    const [to = '', code = ''] = words;
    const status = code === 'permanent' ? '301' : /^3\d\d$/.test(code) ? code : '302';
    route.options.set('redirect', { text: `${status} ${to}`, about });
  },
  rewrite: translateRewrite,
  uri: ({ about }, words, route, notes) => {
    const [verb, prefix] = words;
    if (verb === 'strip_prefix' && prefix !== undefined) route.options.set('strip', { text: prefix, about });
    else notes.push({ about, says: 'see proxy.rewrite', severity: 'warning' });
  },
  header: translateHeader,
  encode: ({ about, block }, words, route) => {
    const codings = [...words, ...block.map(({ name }) => name)].filter((word) => /^(zstd|gzip|br)$/.test(word));
    route.options.set('compress', { text: codings.length > 0 ? codings.join(',') : 'true', about });
  },
  basic_auth: translateBasicAuth,
  basicauth: translateBasicAuth,
  forward_auth: translateForwardAuth,
  request_body: ({ block }, _words, route, notes) => {
    for (const { name, args, about } of block) {
      if (name === 'max_size') route.options.set('maxbody', { text: bytesText(args), about });
      else notes.push({ about, says: 'has no label', severity: 'warning' });
    }
  },
  tls: translateTls,
  respond: translateRespond,
  error: translateRespond,
  abort: (directive, words, route, notes) => translateRespond(directive, ['403', ...words], route, notes),
  log: () => {},
};

function translateRewrite({ about }: Directive, words: readonly string[], route: RouteDraft): void {
  const to = words.at(-1) ?? '';
  const before = /^(\/.*?)\/?\{uri\}$/.exec(to)?.[1];
  const text = before === undefined ? to : `^/(.*) -> ${before}/${dollar}1`;
  route.options.set('rewrite', { text, about });
}

function translateHeader(
  { about, args, block }: Directive,
  words: readonly string[],
  route: RouteDraft,
  notes: Note[],
): void {
  const lines: [string, string[], string][] = block.map((one) => [one.name, wordsOf(one.args), one.about]);
  if (args !== '') lines.push([words[0] ?? '', words.slice(1), about]);
  for (const [field, rest, label] of lines) {
    const [, sign = '', name = ''] = /^([+?>-]?)([\w-]+)$/.exec(field) ?? [];
    const [value = '', replacement] = rest;
    if (name === '' || replacement !== undefined || name === 'defer')
      notes.push({ about: label, says: 'this edit of a header has no label', severity: 'warning' });
    else {
      const text = sign === '-' ? '' : `${/[+?]/.test(sign) ? sign : ''}${value}`;
      route.options.set(`header.${name}`, { text, about: label });
    }
  }
}

function translateBasicAuth(
  { about, block }: Directive,
  words: readonly string[],
  route: RouteDraft,
  notes: Note[],
): void {
  if (words.some((word) => word !== 'bcrypt'))
    notes.push({ about, says: 'only bcrypt hashes are read', severity: 'warning' });
  const users = block.map(({ name, args }) => `${name}:${args.trim()}`);
  setAuth(route, { auth: 'basic', 'auth.users': users.join(',') }, about, notes);
}

function translateForwardAuth(
  { about, block }: Directive,
  words: readonly string[],
  route: RouteDraft,
  notes: Note[],
): void {
  const [upstream = ''] = words;
  const uri = block.find(({ name }) => name === 'uri')?.args ?? '';
  const headers = block.filter(({ name }) => name === 'copy_headers');
  const url = /^https?:\/\//.test(upstream) ? upstream : `http://${upstream}`;
  const names = headers.flatMap(({ args, block: inner }) => [...wordsOf(args), ...inner.map(({ name }) => name)]);
  const auth: Record<string, string> = { auth: `forward:${url}${uri}` };
  if (names.length > 0) auth['auth.headers'] = names.join(',');
  if (!setAuth(route, auth, about, notes)) return;
  notes.push({ about, says: 'the proxy asks this address itself: it must be on a network with it', severity: 'info' });
}

function translateTls({ about, block }: Directive, words: readonly string[], route: RouteDraft, notes: Note[]): void {
  const [first = ''] = words;
  if (first === 'internal') route.options.set('tls', { text: 'internal', about });
  else if (first.includes('@')) notes.push({ about, says: 'is FAIRLEAD_ACME_EMAIL of the proxy', severity: 'info' });
  else if (words.length === 2)
    notes.push({
      about,
      says: 'put certificate and key where proxy.tls=cert:<name> finds them; see docs/https.md',
      severity: 'warning',
    });
  for (const { name, args, about: label } of block) {
    if (name === 'dns') {
      route.options.set('tls.challenge', { text: 'dns', about: label });
      notes.push({
        about: label,
        says: 'the provider of DNS is a setting of the proxy; see docs/dns-challenges.md',
        severity: 'info',
      });
    } else if (name === 'client_auth') {
      closeRoute(route, label);
      notes.push(lostProtection(label, 'clients have to show a certificate: proxy.tls.client=@/path/to/ca.pem'));
    } else if (name === 'protocols' && args.startsWith('tls1.3'))
      route.options.set('tls.min', { text: '1.3', about: label });
    else notes.push({ about: label, says: 'has no label', severity: 'warning' });
  }
}

/** Who is only ever refused is refused here by address. */
function translateRespond({ about }: Directive, words: readonly string[], route: RouteDraft, notes: Note[]): void {
  const status = words.find((word) => /^[1-5]\d\d$/.test(word)) ?? '200';
  if (/^4/.test(status)) {
    closeRoute(route, about);
    notes.push({ about, says: 'refused with 403 by proxy.deny', severity: 'info' });
  } else notes.push({ about, says: 'no label answers with a text', severity: 'warning' });
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
};

/** Caddy counts `MB` by 1000 and `MiB` by 1024. */
function bytesText(text: string): string {
  const [, count, unit = ''] = /^([\d.]+)\s*([kmg]i?)?b?$/i.exec(text) ?? [];
  return count === undefined ? text : String(Math.round(Number(count) * (units[unit.toLowerCase()] as number)));
}
