import type { LoadBalancing, OptionKey } from '../options.ts';
import { choice, readSwitch, readToken, wholeNumber } from '../plain-value.ts';
import { bad, didYouMean, good, orOff, type ValueReading } from '../value-reading.ts';
import { countRow, durationRow, optionalDurationRow, type Rows, switchRow } from './row.ts';

/** Which container answers and how it is dialled. */
export const backendRows = {
  port: {
    value: '1–65535',
    default: 'the sole exposed port; several: 80, 8080, 3000, 8000, else the lowest, with a warning; none: error',
    builtIn: null,
    off: null,
    read: orOff(null, readPort),
    help: 'port inside the container',
    example: '3000',
    tier: 1,
    active: true,
    perContainer: true,
  },
  network: {
    value: 'docker network',
    default: 'the network shared with the proxy, user-defined first',
    builtIn: null,
    off: null,
    read: orOff(null, readNetwork),
    help: 'which address of the container is dialled; the compose project prefix may be left out',
    example: 'backend',
    tier: 1,
    active: true,
    perContainer: true,
  },
  scheme: {
    value: '`http`, `https`, `h2c`',
    default: 'http',
    builtIn: 'http',
    read: choice(['http', 'https', 'h2c'], { tls: 'https', ssl: 'https', grpc: 'h2c', http2: 'h2c', h2: 'h2c' }),
    help: 'protocol to the container',
    example: 'https',
    tier: 1,
    active: (value) => value !== 'h2c',
    perContainer: true,
  },
  'scheme.verify': switchRow({
    default: true,
    help: 'check the certificate of the container',
    tier: 1,
    active: true,
    perContainer: true,
  }),
  'scheme.sni': {
    value: 'name',
    default: 'the host of the request',
    builtIn: null,
    off: null,
    read: orOff(null, readServerName),
    help: 'name that is asked for and checked in TLS to the container',
    example: 'backend.internal',
    tier: 1,
    active: true,
    perContainer: true,
  },
  lb: {
    value: '`roundrobin`, `least`, `random2`, `iphash`, `hash:uri`, `hash:header:X`, `hash:cookie:X`, `first`',
    default: 'roundrobin',
    builtIn: { kind: 'roundrobin' },
    off: { kind: 'roundrobin' },
    read: orOff({ kind: 'roundrobin' }, readLoadBalancing),
    help: 'how requests are spread over the containers; hashes are consistent under scaling',
    example: 'least',
    tier: 1,
    active: true,
  },
  weight: countRow({
    default: 1,
    min: 0,
    max: 1_000,
    help: 'share of this container; 0 = no new requests, while sessions that it has (`sticky`) stay',
    tier: 1,
    active: true,
    perContainer: true,
  }),
  backup: switchRow({
    default: false,
    help: 'used only when the others are down',
    tier: 2,
    active: true,
    perContainer: true,
  }),
  sticky: {
    value: 'bool or cookie name',
    default: 'false',
    builtIn: false,
    off: false,
    read: readSticky,
    help: 'signed affinity cookie (Secure, HttpOnly, SameSite=Lax)',
    example: 'true',
    tier: 2,
    active: true,
  },
  'sticky.ttl': optionalDurationRow({
    help: 'life of the cookie; off = of the browser session',
    example: '1d',
    tier: 2,
    active: true,
  }),
  mirror: {
    value: 'host or `container:port`',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null, readMirror),
    help: 'copy requests to a shadow backend, whose answers are thrown away',
    example: 'shadow:8080',
    tier: 3,
    active: false,
  },
  sleep: optionalDurationRow({
    help: 'stop an idle container after this time, wake it on the next request',
    example: '30m',
    tier: 3,
    active: false,
  }),
  'sleep.mode': {
    value: '`hold`, `page`',
    default: 'hold',
    builtIn: 'hold',
    read: choice(['hold', 'page']),
    help: 'hold the request that wakes it, or show a page',
    example: 'page',
    tier: 3,
    active: false,
  },
  'sleep.max': durationRow({ default: '60s', help: 'how long waking may take', tier: 3, active: false }),
  maxconn: {
    value: 'int',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null, wholeNumber(1, 1_000_000)),
    help: 'requests at a time per backend',
    example: '50',
    tier: 2,
    active: true,
  },
  'maxconn.queue': durationRow({
    default: '10s',
    help: 'how long a request waits for its turn; 0 = 503 at once',
    example: '5s',
    tier: 2,
    active: true,
  }),
} as const satisfies Partial<Rows<OptionKey>>;

function readPort(text: string, label: string): ValueReading<number> {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return good(Number(text));
  const expected = 'one port from 1 to 65535, the one inside the container';
  const withProtocol = /^(\d{1,5})\/(?:tcp|http|https)$/i.exec(text)?.[1];
  if (withProtocol !== undefined) return bad(expected, didYouMean(`${label}=${withProtocol}`));
  const published = /^(?:[^:]*:)?\d{1,5}:(\d{1,5})$/.exec(text)?.[1];
  if (published !== undefined)
    return bad(`${expected}, without the one published on the host`, didYouMean(`${label}=${published}`));
  const first = /^:?(\d{1,5})(?:[\s,].*)?$/.exec(text)?.[1];
  return bad(
    `${expected}, such as 3000`,
    first !== undefined && Number(first) >= 1 && Number(first) <= 65_535 ? didYouMean(`${label}=${first}`) : '',
  );
}

function readNetwork(text: string): ValueReading<string> {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/.test(text)
    ? good(text)
    : bad('the name of one docker network, such as backend (see `docker network ls`)');
}

function readServerName(text: string): ValueReading<string> {
  const name = text.toLowerCase().replace(/\.$/, '');
  return /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(name)
    ? good(name)
    : bad('a host name such as backend.internal');
}

function readLoadBalancing(text: string, label: string): ValueReading<LoadBalancing> {
  if (/^hash:uri$/i.test(text)) return good({ kind: 'hash', by: 'uri' });
  const named = /^hash:(header|cookie):(.+)$/i.exec(text);
  if (named !== null) {
    const name = readToken(named[2] as string);
    return name.value === undefined
      ? (name as ValueReading<never>)
      : good({ kind: 'hash', by: named[1]?.toLowerCase() as 'header' | 'cookie', name: name.value });
  }
  const words = ['roundrobin', 'least', 'random2', 'iphash', 'first'] as const;
  const reading = choice(words, balancingElsewhere)(text, label);
  if (reading.value !== undefined) return good({ kind: reading.value });
  const suggestion = /^(hash|uri|url)/i.test(text) ? didYouMean(`${label}=hash:uri`) : reading.faults[0]?.suggestion;
  return bad('one of roundrobin, least, random2, iphash, first, hash:uri, hash:header:X, hash:cookie:X', suggestion);
}

/** What nginx, HAProxy, Traefik and Caddy call the same. */
const balancingElsewhere = {
  'round-robin': 'roundrobin',
  round_robin: 'roundrobin',
  rr: 'roundrobin',
  wrr: 'roundrobin',
  weighted: 'roundrobin',
  leastconn: 'least',
  least_conn: 'least',
  least_connections: 'least',
  leasttime: 'least',
  'least-conn': 'least',
  random: 'random2',
  random_choose: 'random2',
  p2c: 'random2',
  ip_hash: 'iphash',
  'ip-hash': 'iphash',
  source: 'iphash',
  client_ip_hash: 'iphash',
} as const;

function readSticky(text: string): ValueReading<boolean | string> {
  const value = readSwitch(text, '').value;
  if (value !== undefined) return good(value);
  const name = readToken(text).value;
  return name === undefined ? bad('true, false or the name of a cookie, such as true') : good(name);
}

function readMirror(text: string): ValueReading<string> {
  return /^[a-z0-9_.-]{1,253}(:\d{1,5})?$/i.test(text)
    ? good(text.toLowerCase())
    : bad('a host or a container with its port, such as shadow:8080, without scheme and path');
}
