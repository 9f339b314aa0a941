import { join } from 'node:path';

/** Key material of `DOCKER_CERT_PATH`, in PEM; '' where a file is missing and not needed. */
export interface EndpointTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** One engine of `FAIRLEAD_DOCKER`, with everything that is needed to reach it. */
export interface Endpoint {
  /** As it was written. */
  readonly text: string;
  readonly target:
    | { readonly kind: 'unix'; readonly path: string }
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: EndpointTls | null }
    | { readonly kind: 'ssh'; readonly user: string; readonly host: string; readonly port: number | null };
  /** The other machine that the engine runs on; '' for a unix socket and for loopback. */
  readonly remoteHost: string;
}

/** What an endpoint's meaning depends on besides its text. */
export interface EndpointSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, or null where it cannot be read. */
  readonly readFile: (path: string) => string | null;
}

export type EndpointReading =
  | { readonly endpoint: Endpoint; readonly error: null }
  | { readonly endpoint: null; readonly error: string };

const expected =
  'expected unix:///var/run/docker.sock, tcp://10.0.0.5:2376, https://10.0.0.5:2376 or ssh://root@10.0.0.5';

/**
 * Reads one entry of `FAIRLEAD_DOCKER`: `unix:///path`, `/path`, `tcp://host:port`, `http://…`, `https://…`,
 * `ssh://user@host[:port]`. For tcp, `DOCKER_TLS_VERIFY` (any text, as with Docker's own commands) or `DOCKER_CERT_PATH`
 * switches TLS on; the engine's certificate is always verified. `http://` and `https://` say it themselves, so that one
 * engine with TLS and one without can stand side by side.
 */
export function readEndpoint(text: string, surroundings: EndpointSurroundings): EndpointReading {
  const trimmed = text.trim();
  const path = /^(?:unix:\/\/)?(\/[^\0]+)$/.exec(trimmed)?.[1];
  if (path !== undefined) return good(text, { kind: 'unix', path }, '');
  if (trimmed.startsWith('unix:')) return bad(text, 'expected an absolute path such as unix:///var/run/docker.sock');
  const url = URL.parse(trimmed);
  if (url === null || !/^[a-z]+:\/\/[^/]/i.test(trimmed)) return bad(text, expected);
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    return bad(text, `expected nothing after the host and the port; ${expected}`);
  switch (url.protocol) {
    case 'ssh:':
      return readSsh(text, url);
    case 'tcp:':
    case 'http:':
    case 'https:':
      return readTcp(text, url, surroundings);
    default:
      return bad(text, expected);
  }
}

function readSsh(text: string, url: URL): EndpointReading {
  const user = url.username;
  const host = bareHost(url.hostname);
  // Both become words of a command line: nothing in them may look like an option.
  if (!/^[\w.:][\w.:-]*$/.test(host) || !/^([\w.][\w.@-]*)?$/.test(user) || url.password !== '')
    return bad(
      text,
      'expected ssh://user@host or ssh://user@host:port, and no password (ssh asks its agent or its keys)',
    );
  return good(text, { kind: 'ssh', user, host, port: url.port === '' ? null : Number(url.port) }, host);
}

function readTcp(text: string, url: URL, { env, readFile }: EndpointSurroundings): EndpointReading {
  if (url.username !== '' || url.password !== '') return bad(text, `expected no user name; ${expected}`);
  const host = bareHost(url.hostname);
  const verify = (env.DOCKER_TLS_VERIFY ?? '') !== '';
  const certPath = env.DOCKER_CERT_PATH || (verify ? join(env.HOME ?? '/root', '.docker') : '');
  const secure = url.protocol === 'https:' || (url.protocol === 'tcp:' && (verify || certPath !== ''));
  const port = Number(portOf(url, text)) || (secure ? 2376 : 2375);
  const remoteHost = isLoopback(host) ? '' : host;
  if (!secure) return good(text, { kind: 'tcp', host, port, tls: null }, remoteHost);
  const file = (name: string) => (certPath === '' ? null : readFile(join(certPath, name)));
  const tls = { ca: file('ca.pem') ?? '', cert: file('cert.pem') ?? '', key: file('key.pem') ?? '' };
  const missing = Object.entries(tls).flatMap(([name, pem]) => (pem === '' ? [`${name}.pem`] : []));
  // Without a directory an https:// endpoint is one whose certificate a public authority has signed.
  if (certPath !== '' && missing.length > 0)
    return bad(
      text,
      `cannot read ${missing.join(', ')} in ${certPath}: DOCKER_CERT_PATH needs ca.pem, cert.pem, key.pem`,
    );
  return good(text, { kind: 'tcp', host, port, tls }, remoteHost);
}

/** URL hides a port that is the default of the protocol, so `https://host:443` would look as if it named none. */
function portOf(url: URL, text: string): string {
  return url.port || (/:(\d{1,5})\/?$/.exec(text.trim())?.[1] ?? '');
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function good(text: string, target: Endpoint['target'], remoteHost: string): EndpointReading {
  return { endpoint: { text, target, remoteHost }, error: null };
}

function bad(text: string, error: string): EndpointReading {
  return { endpoint: null, error: `${withoutPassword(text)}: ${error}` };
}

/** The text goes to a log. */
function withoutPassword(text: string): string {
  return text.replace(/:[^/@]*@/, ':…@').slice(0, 200);
}
