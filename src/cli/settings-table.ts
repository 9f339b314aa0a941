import type { Limits } from '../engine/limits.ts';
import type { LogFormat } from '../labels/options.ts';
import { choice, readTime, wholeNumber } from '../labels/plain-value.ts';
import { bad, good, orOff, type ValueReading } from '../labels/value-reading.ts';
import { type CacheSettings, cacheRows } from './cache-rows.ts';
import { type CertificateSettings, certificateRows } from './certificate-rows.ts';
import { readDockerEndpoints } from './docker-endpoints.ts';
import { limitRows } from './limit-rows.ts';
import { type ListenAddress, readListenAddress } from './listen-address.ts';
import type { SettingRows } from './setting-row.ts';
import { type StoreSettings, storeRows } from './store-rows.ts';
import { type TracingSettings, tracingRows } from './tracing-rows.ts';
import { readTrusted } from './trusted.ts';

/** The value of every active setting. Durations are milliseconds. */
export interface ActiveSettings extends Limits, CertificateSettings, CacheSettings, StoreSettings, TracingSettings {
  readonly http: ListenAddress | null;
  readonly https: ListenAddress | null;
  readonly admin: ListenAddress | null;
  /** null: none was set. */
  readonly adminToken: string | null;
  /** Endpoints of engines, at least one. */
  readonly docker: readonly string[];
  readonly dataDir: string;
  /** Where error pages are; null: nowhere. */
  readonly pagesDir: string | null;
  /** CIDRs. */
  readonly trusted: readonly string[];
  readonly unknownHost: 'close' | '404' | '421';
  readonly lingerMs: number;
  readonly workers: number;
  readonly engine: 'h1' | 'node';
  readonly logFormat: 'json' | 'pretty';
  readonly logLevel: LogLevel;
  readonly accessLog: AccessLog;
  readonly accessLogFormat: LogFormat;
  /** Where labels may have files of their own; null: nowhere. */
  readonly logDir: string | null;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type AccessLog = 'stdout' | 'off' | { readonly file: string };

export const activeRows: SettingRows<ActiveSettings> = {
  http: {
    name: 'FAIRLEAD_HTTP',
    value: 'address or off',
    default: ':80',
    builtIn: () => ({ host: undefined, port: 80 }),
    read: readListenAddress,
    help: 'listener for HTTP, IPv4 and IPv6; port 0 picks a free one and logs it',
    example: '127.0.0.1:18080',
    active: true,
  },
  https: {
    name: 'FAIRLEAD_HTTPS',
    value: 'address or off',
    default: ':443',
    builtIn: () => ({ host: undefined, port: 443 }),
    read: readListenAddress,
    help: 'listener for HTTPS (HTTP/2 and HTTP/1.1), IPv4 and IPv6; port 0 picks a free one and logs it',
    example: '127.0.0.1:18443',
    active: true,
  },
  admin: {
    name: 'FAIRLEAD_ADMIN',
    value: 'address or off',
    default: '127.0.0.1:8080',
    builtIn: () => ({ host: '127.0.0.1', port: 8080 }),
    read: readListenAddress,
    help: 'admin API and page; an address that others can reach needs a token. The commands use <data>/admin.sock',
    example: '127.0.0.1:18081',
    active: true,
  },
  adminToken: {
    name: 'FAIRLEAD_ADMIN_TOKEN',
    value: 'text of 16 to 512 characters',
    default: 'generated where it is needed, kept in the data directory, printed once',
    builtIn: () => null,
    read: readToken,
    help: 'password of the admin API, sent as `Authorization: Bearer <token>` or once as /?token=<token>',
    example: 'aLongRandomText1234',
    active: true,
    secret: true,
  },
  docker: {
    name: 'FAIRLEAD_DOCKER',
    value: 'list of endpoints',
    default: 'DOCKER_HOST, else unix:///var/run/docker.sock',
    builtIn: ({ dockerHost }) => [dockerHost || 'unix:///var/run/docker.sock'],
    read: readDockerEndpoints,
    help: 'Docker engines: unix://, tcp:// (TLS through DOCKER_CERT_PATH), ssh://; comma-separated',
    example: 'unix:///var/run/docker.sock,ssh://root@other.example.com',
    active: true,
  },
  dataDir: {
    name: 'FAIRLEAD_DATA',
    value: 'directory',
    default: '/data in the image, else ./.fairlead',
    builtIn: () => '.fairlead',
    read: readPath,
    help: 'where tokens, keys and the socket of the commands are kept; created with mode 0700',
    example: '/var/lib/fairlead',
    active: true,
  },
  pagesDir: {
    name: 'FAIRLEAD_PAGES',
    value: 'directory or off',
    default: '/pages in the image, else off',
    builtIn: () => null,
    read: orOff(null as string | null, readPath),
    help: 'error pages that labels may choose from (`proxy.errors=404 file:/pages/404.html`); no label shows a file from elsewhere. Labels call it /pages, wherever it is',
    example: '/srv/pages',
    active: true,
  },
  trusted: {
    name: 'FAIRLEAD_TRUSTED',
    value: 'list of CIDRs, `private`, `cloudflare`, or off',
    default: 'none',
    builtIn: () => [],
    read: readTrusted,
    help: 'whose X-Forwarded-* is believed',
    example: '10.0.0.0/8,cloudflare',
    active: true,
  },
  unknownHost: {
    name: 'FAIRLEAD_UNKNOWN_HOST',
    value: '`close`, `404` or `421`',
    default: 'close',
    builtIn: () => 'close',
    read: choice(['close', '404', '421'], { '444': 'close', drop: 'close' }),
    help: 'what a request for an unknown host gets; close: no answer at all',
    example: '404',
    active: true,
  },
  lingerMs: {
    name: 'FAIRLEAD_LINGER',
    value: 'duration or off',
    default: '60s',
    builtIn: () => 60_000,
    read: (text, label) => (/^off$/i.test(text) ? good(0) : readTime(text, label)),
    help: 'how long a route without any container is kept, answering 503',
    example: '5m',
    active: true,
  },
  workers: {
    name: 'FAIRLEAD_WORKERS',
    value: '1–256',
    default: 'number of cores',
    builtIn: ({ cores }) => cores,
    read: wholeNumber(1, 256),
    help: 'threads that serve requests',
    example: '2',
    active: true,
  },
  engine: {
    name: 'FAIRLEAD_ENGINE',
    value: '`h1` or `node`',
    default: 'h1',
    builtIn: () => 'h1',
    read: choice(['h1', 'node'], { own: 'h1', 'node:http': 'node', nodejs: 'node' }),
    help: 'who reads and writes HTTP/1.1: our own codec, or node:http, slower and the way back should the codec fail you',
    example: 'node',
    active: true,
  },
  logFormat: {
    name: 'FAIRLEAD_LOG',
    value: '`json` or `pretty`',
    default: 'pretty on a terminal, else json',
    builtIn: ({ terminal }) => (terminal ? 'pretty' : 'json'),
    read: choice(['json', 'pretty'], { text: 'pretty', console: 'pretty', plain: 'pretty' }),
    help: 'form of the log of the proxy itself',
    example: 'json',
    active: true,
  },
  logLevel: {
    name: 'FAIRLEAD_LOG_LEVEL',
    value: '`debug`, `info`, `warn`, `error` or `silent`',
    default: 'info',
    builtIn: () => 'info',
    read: choice(['debug', 'info', 'warn', 'error', 'silent'], {
      trace: 'debug',
      verbose: 'debug',
      warning: 'warn',
      notice: 'info',
      fatal: 'error',
      off: 'silent',
    }),
    help: 'from which level on the log tells',
    example: 'debug',
    active: true,
  },
  accessLog: {
    name: 'FAIRLEAD_ACCESS_LOG',
    value: '`stdout`, `off` or a file',
    default: 'stdout',
    builtIn: () => 'stdout',
    read: readAccessLog,
    help: 'where each request leaves a line',
    example: '/var/log/fairlead/access.log',
    active: true,
  },
  accessLogFormat: {
    name: 'FAIRLEAD_ACCESS_LOG_FORMAT',
    value: '`json`, `combined` or `proxy`',
    default: 'json',
    builtIn: () => 'json',
    read: choice(['json', 'combined', 'proxy'], { clf: 'combined', common: 'combined', nginx: 'proxy' }),
    help: 'format of its lines; combined is that of nginx and Apache',
    example: 'combined',
    active: true,
  },
  logDir: {
    name: 'FAIRLEAD_LOG_DIR',
    value: 'directory or off',
    default: 'off',
    builtIn: () => null,
    read: orOff(null as string | null, readPath),
    help: 'where labels may have log files of their own (`proxy.log.file=app.access.log`); no label writes elsewhere',
    example: '/var/log/fairlead',
    active: true,
  },
  ...limitRows,
  ...certificateRows,
  ...cacheRows,
  ...storeRows,
  ...tracingRows,
};

/** Never repeats its text. */
function readToken(text: string): ValueReading<string> {
  if (text.length < 16 || text.length > 512)
    return bad('at least 16 characters and at most 512, such as the output of `openssl rand -base64 24`');
  // It travels in a header and in a cookie.
  return /^[\x21-\x7e]+$/.test(text) ? good(text) : bad('printable ASCII without spaces');
}

function readPath(text: string): ValueReading<string> {
  return text.includes('\0') ? bad('a path without NUL') : good(text);
}

function readAccessLog(text: string): ValueReading<AccessLog> {
  if (/^(stdout|on|-|\/dev\/stdout)$/i.test(text)) return good('stdout');
  if (/^(off|none|false|no)$/i.test(text)) return good('off');
  return /[/.]/.test(text) && !text.includes('\0')
    ? good({ file: text })
    : bad('stdout, off, or a file such as /var/log/fairlead/access.log');
}
