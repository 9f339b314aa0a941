import { bracketed } from '../../http/authority.ts';

/** Where the store is that several proxies share, and who we are there. */
export interface RedisAddress {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** `rediss:` */
  readonly tls: boolean;
  /** '' = the user `default`. */
  readonly username: string;
  /** '' = none. */
  readonly password: string;
  readonly database: number;
}

const defaultPort = 6_379;
const protocols = ['redis:', 'rediss:'];

/** Reads `redis[s]://[[user]:password@]host[:port][/database]`; null where it is none. */
export function readRedisAddress(text: string): RedisAddress | null {
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || !protocols.includes(url.protocol)) return null;
  const database = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  const [username, password] = [decoded(url.username), decoded(url.password)];
  if (database === undefined || username === null || password === null || url.search !== '' || url.hash !== '')
    return null;
  return {
    host: decoded(url.hostname.replace(/^\[(.*)\]$/, '$1')) ?? url.hostname,
    port: url.port === '' ? defaultPort : Number(url.port),
    tls: url.protocol === 'rediss:',
    ...{ username, password },
    database: Number(database),
  };
}

/** `redis://redis:6379/1`, for people: without name and password. */
export function redisAddressText({ host, port, tls, database }: RedisAddress): string {
  return `redis${tls ? 's' : ''}://${bracketed(host)}:${port}${database === 0 ? '' : `/${database}`}`;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
