import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readAuthority } from '../http/authority.ts';
import { isLoopback } from './loopback.ts';

/** Of a request, what decides whether it is let in. */
export interface Knock {
  /** The unix socket is guarded by its file mode, so whoever comes through it is let in. */
  readonly via: 'socket' | 'tcp';
  readonly path: string;
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  /** Of `/?token=…`. */
  readonly queryToken: string | null;
}

export interface AccessRules {
  readonly token: string | null;
  /** The address that is listened on. */
  readonly boundHost: string | undefined;
}

export type Verdict =
  | { readonly kind: 'enter'; readonly by: 'session' | 'other' }
  /** The login link: the token is right, and goes from the address bar into a cookie. */
  | { readonly kind: 'login'; readonly cookie: string }
  /** The token is in the body: `cookieFor` says whether it is the right one. */
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'refuse'; readonly status: 401 | 403; readonly why: string };

/** They say yes or no and nothing else; a probe has no token. */
const openPaths = new Set(['/healthz', '/readyz']);
/** The same for everybody; the page to sign in on needs its style. */
const openFolder = '/assets/';

const cookieName = 'fairlead_admin';
const cookieAttributes = 'Path=/; HttpOnly; SameSite=Strict';
/** Ends the session of a browser. */
export const noCookie = `${cookieName}=; Max-Age=0; ${cookieAttributes}`;

const enter: Verdict = { kind: 'enter', by: 'other' };

/**
 * Who may ask. Without a token only this machine can reach the listener, but a browser on it could be led here by a foreign
 * site: so the name it asked for must be this machine's (DNS rebinding), and no other site may be the origin.
 *
 * What has an effect (POST) needs more than a browser gives away by itself: with a token the token, or the session together
 * with an Origin of ours. Without a token the Origin decides, which every browser sends with a POST (Fetch §3.2).
 */
export function admit(knock: Knock, rules: AccessRules): Verdict {
  if (knock.via === 'socket') return enter;
  if (isForeignOrigin(knock)) return refuse(403, 'another site may not ask: its Origin is not the address of this API');
  if (openPaths.has(knock.path) || knock.path.startsWith(openFolder)) return enter;
  if (rules.token === null) {
    if (isOwnName(knock.host, rules.boundHost)) return enter;
    return refuse(403, 'without a token only loopback names are answered: ask for 127.0.0.1 or localhost');
  }
  const reads = knock.method === 'GET' || knock.method === 'HEAD';
  if (knock.queryToken !== null && reads) {
    const cookie = cookieFor(knock.queryToken, rules);
    return cookie === null ? refuse(401, 'the token of this link is not the right one') : { kind: 'login', cookie };
  }
  // Browsers send Origin with every form; without one it is no form of ours.
  if (knock.path === '/login' && knock.method === 'POST' && knock.origin !== undefined) return { kind: 'sign-in' };
  const bearer = /^Bearer +([^ ]+) *$/i.exec(knock.authorization ?? '')?.[1];
  if (bearer !== undefined && same(bearer, rules.token)) return enter;
  const session = cookieOf(knock.cookie ?? '');
  if (session !== null && same(session, sessionOf(rules.token))) {
    if (reads || knock.origin !== undefined) return { kind: 'enter', by: 'session' };
    return refuse(403, 'from a browser it must come from the pages of this API, with their Origin');
  }
  return refuse(401, 'a token is needed: `Authorization: Bearer <token>`, or once the link /?token=<token>');
}

/** The cookie that a token is worth; null where it is not the right one. */
export function cookieFor(token: string, rules: AccessRules): string | null {
  if (rules.token === null || !same(token, rules.token)) return null;
  return `${cookieName}=${sessionOf(rules.token)}; ${cookieAttributes}`;
}

function refuse(status: 401 | 403, why: string): Verdict {
  return { kind: 'refuse', status, why };
}

/** Browsers send Origin with everything that may have an effect, and with what another site reads. */
function isForeignOrigin({ origin, host }: Knock): boolean {
  if (origin === undefined) return false;
  const from = URL.parse(origin)?.host;
  return from === undefined || from === '' || from !== URL.parse(`http://${host ?? ''}`)?.host;
}

function isOwnName(hostHeader: string | undefined, boundHost: string | undefined): boolean {
  const host = readAuthority(hostHeader ?? '')?.host;
  if (host === undefined) return false;
  return host === 'localhost' || host.endsWith('.localhost') || isLoopback(host) || host === boundHost;
}

/** Both are hashed first, so that neither their content nor their length shows in the time it takes. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** The cookie is not the token itself: who steals it cannot use it elsewhere, and a new token ends it. */
function sessionOf(token: string): string {
  return createHmac('sha256', token).update('fairlead admin session').digest('base64url');
}

function cookieOf(header: string): string | null {
  for (const pair of header.slice(0, 8_192).split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookieName && value !== undefined) return value;
  }
  return null;
}
