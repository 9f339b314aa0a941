import { translateHeaders } from './traefik-headers.ts';
import type { TraefikLabel, TraefikPart } from './traefik-labels.ts';
import { translateAllowList, translateInFlight, translateRateLimit } from './traefik-limits.ts';
import { asJavaScript } from './traefik-rule.ts';
import {
  closeRoute,
  dollar,
  isTrue,
  itemsOf,
  lostProtection,
  type Note,
  type RouteDraft,
  setAuth,
} from './translation.ts';

type Translate = (part: TraefikPart, route: RouteDraft, notes: Note[]) => void;

/** One middleware by its type; `part` has its options, without the type. */
export function translateMiddleware(type: string, part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  const [{ about }] = [...part.values()] as [TraefikLabel];
  const translate = Object.hasOwn(byType, type) ? (byType[type] as Translate) : null;
  if (translate !== null) return translate(part, route, notes);
  if (cosmetic.has(type)) notes.push({ about, says: cosmetic.get(type) as string, severity: 'warning' });
  else {
    closeRoute(route, about);
    notes.push(lostProtection(about, `the middleware ${type} has no label`));
  }
}

/** Without these the site answers as before, or nearly. */
const cosmetic = new Map([
  ['circuitbreaker', 'containers that fail are left out by themselves (proxy.maxfails, proxy.failtimeout)'],
  ['errors', 'pages come from files or from the containers themselves: see proxy.errors'],
  ['grpcweb', 'has no label'],
  ['passtlsclientcert', 'has no label: the backend is not told of the certificate'],
  ['stripprefixregex', 'has no label; proxy.rewrite replaces what a regex matches'],
]);

const byType: Readonly<Record<string, Translate>> = {
  addprefix: (part, route) =>
    option(part, 'prefix', (text, about) =>
      route.options.set('rewrite', { text: `^/(.*) -> ${text.replace(/\/$/, '')}/${dollar}1`, about }),
    ),
  basicauth: translateBasicAuth,
  buffering: (part, route, notes) => {
    option(part, 'maxrequestbodybytes', (text, about) => {
      if (text !== '0') route.options.set('maxbody', { text, about });
    });
    noteOthers(part, /^maxrequestbodybytes$/, 'has no label: bodies are passed on as they come', notes);
  },
  compress: (part, route, notes) => {
    const about = [...part.values()][0]?.about ?? '';
    route.options.set('compress', { text: part.get('encodings')?.text ?? 'true', about });
    option(part, 'minresponsebodybytes', (text) => route.options.set('compress.min', { text, about }));
    option(part, 'includedcontenttypes', (text) => route.options.set('compress.types', { text, about }));
    noteOthers(part, /^(|encodings|minresponsebodybytes|includedcontenttypes)$/, 'has no label', notes);
  },
  contenttype: () => {},
  forwardauth: translateForwardAuth,
  headers: translateHeaders,
  inflightreq: translateInFlight,
  ipallowlist: translateAllowList,
  ipwhitelist: translateAllowList,
  ratelimit: translateRateLimit,
  redirectregex: translateRedirect,
  redirectscheme: (part, route, notes) =>
    option(part, 'scheme', (text, about) => {
      if (text === 'https') route.options.set('http', { text: 'redirect', about });
      else notes.push({ about, says: 'only redirects to https have a label', severity: 'warning' });
    }),
  replacepath: (part, route) => option(part, 'path', (text, about) => route.options.set('rewrite', { text, about })),
  replacepathregex: (part, route) => {
    const regex = part.get('regex');
    if (regex === undefined) return;
    const to = (part.get('replacement')?.text ?? '').replace(/(\$\$)\{(\d+)\}/g, '$1$2');
    route.options.set('rewrite', { text: `${asJavaScript(regex.text)} -> ${to}`, about: regex.about });
  },
  retry: (part, route) =>
    option(part, 'attempts', (text, about) => {
      if (/^\d+$/.test(text)) route.options.set('retries', { text: String(Math.max(0, Number(text) - 1)), about });
    }),
  stripprefix: (part, route, notes) =>
    option(part, 'prefixes', (text, about) => {
      const prefixes = itemsOf(text);
      const all = route.paths.length > 0 && route.paths.every((path) => prefixes.includes(path));
      if (all) route.options.set('strip', { text: 'true', about });
      else if (prefixes.length === 1) route.options.set('strip', { text: prefixes[0] as string, about });
      else
        notes.push({
          about,
          says: 'proxy.strip removes one prefix, or the one that the path matched',
          severity: 'warning',
        });
    }),
};

function option(part: TraefikPart, name: string, act: (text: string, about: string) => unknown): void {
  const label = part.get(name);
  if (label !== undefined) act(label.text, label.about);
}

function translateBasicAuth(part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  const users = part.get('users');
  const source = users ?? part.get('usersfile');
  if (source === undefined) return withoutWhom(part, 'no users are named', route, notes);
  const { about, text } = source;
  const auth: Record<string, string> = { auth: 'basic', 'auth.users': users === undefined ? `@${text}` : text };
  if (users === undefined)
    notes.push({ about, says: 'the proxy must be able to read this file: mount it there', severity: 'info' });
  option(part, 'realm', (realm) => {
    auth['auth.realm'] = realm;
  });
  option(part, 'headerfield', (field) => {
    auth['auth.headers'] = field;
  });
  setAuth(route, auth, about, notes);
}

function translateForwardAuth(part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  const address = part.get('address');
  if (address === undefined) return withoutWhom(part, 'no address is named', route, notes);
  const { about, text } = address;
  const auth: Record<string, string> = { auth: `forward:${text}` };
  option(part, 'authresponseheaders', (names) => {
    auth['auth.headers'] = names;
  });
  if (!setAuth(route, auth, about, notes)) return;
  notes.push({ about, says: 'the proxy asks this address itself: it must be on a network with it', severity: 'info' });
  noteOthers(part, /^(address|authresponseheaders|trustforwardheader)$/, 'has no label', notes);
}

/** It lets in nobody there either. */
function withoutWhom(part: TraefikPart, what: string, route: RouteDraft, notes: Note[]): void {
  const [{ about }] = [...part.values()] as [TraefikLabel];
  closeRoute(route, about);
  notes.push(lostProtection(about, what));
}

/** `^https?://www\.example\.com/(.*)` to `https://example.com/${1}`: another host, the rest kept. */
function translateRedirect(part: TraefikPart, route: RouteDraft, notes: Note[]): void {
  const regex = part.get('regex');
  const replacement = part.get('replacement');
  if (regex === undefined || replacement === undefined) return;
  const to = /^(https?:\/\/[a-z0-9.-]+(?::\d+)?)\/\$\$?\{?1\}?$/i.exec(replacement.text)?.[1];
  const status = isTrue(part.get('permanent')?.text) ? '301' : '302';
  if (
    to !== undefined &&
    /\/\(\.[*+]\)(\$\$)?$/.test(regex.text) &&
    !/\(/.test(regex.text.replace(/\/\(\.[*+]\)(\$\$)?$/, '').replaceAll('(?:', ''))
  )
    route.options.set('redirect', { text: `${status} ${to}{uri}`, about: regex.about });
  else
    notes.push({
      about: regex.about,
      says: 'proxy.redirect knows {host}, {uri}, {path} and {query}, but no regex',
      severity: 'warning',
    });
}

function noteOthers(part: TraefikPart, known: RegExp, says: string, notes: Note[]): void {
  for (const [name, { about }] of part) if (!known.test(name)) notes.push({ about, says, severity: 'warning' });
}
