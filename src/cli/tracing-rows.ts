import { isHeaderName } from '../labels/header-text.ts';
import { isRef, readRef } from '../labels/ref.ts';
import { bad, good, orOff, type ValueReading } from '../labels/value-reading.ts';
import type { SettingRows } from './setting-row.ts';

export interface TracingSettings {
  /** Where spans go, with path; null = nothing is traced. */
  readonly otlp: string | null;
  /** The headers themselves, or a ref. */
  readonly otlpHeaders: string | null;
  /** 0 to 1. */
  readonly otlpSample: number;
  readonly otlpService: string;
  /** Path. */
  readonly otlpCaFile: string | null;
}

export const tracingRows: SettingRows<TracingSettings> = {
  otlp: {
    name: 'FAIRLEAD_OTLP',
    value: 'http:// or https:// address, or off',
    default: 'off',
    builtIn: () => null,
    read: orOff(null as string | null, readEndpoint),
    help: 'collector that gets a trace of each request, over OTLP/HTTP as JSON; without a path /v1/traces is added (docs/tracing.md)',
    example: 'http://collector:4318',
    active: true,
    secret: true,
  },
  otlpHeaders: {
    name: 'FAIRLEAD_OTLP_HEADERS',
    value: 'list of `name=value`, or ref',
    default: 'none',
    builtIn: () => null,
    read: (text) => {
      if (!isRef(text)) return textIf(readOtlpHeaders(text), text);
      return textIf(readRef(text), text);
    },
    help: 'headers for the collector, such as its password; a comma in a value is written %2C',
    example: '@/run/secrets/otlp-headers',
    active: true,
    secret: true,
  },
  otlpSample: {
    name: 'FAIRLEAD_OTLP_SAMPLE',
    value: '0–1',
    default: '1',
    builtIn: () => 1,
    read(text) {
      const share = /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
      return share <= 1 ? good(share) : bad('a share from 0 to 1, such as 0.1');
    },
    help: 'share of the requests that are traced; where one of FAIRLEAD_TRUSTED has decided already, that holds',
    example: '0.1',
    active: true,
  },
  otlpService: {
    name: 'FAIRLEAD_OTLP_SERVICE',
    value: 'text',
    default: 'fairlead',
    builtIn: () => 'fairlead',
    read: (text) =>
      /^[\x20-\x7e]{1,100}$/.test(text) ? good(text) : bad('a name of at most 100 characters, plain ASCII'),
    help: 'what the proxy is called in traces (`service.name`)',
    example: 'edge',
    active: true,
  },
  otlpCaFile: {
    name: 'FAIRLEAD_OTLP_CA_FILE',
    value: 'file',
    default: 'the usual authorities',
    builtIn: () => null,
    read: (text) => (text.includes('\0') ? bad('a path without NUL') : good(text)),
    help: "authority, as PEM, that vouches for the collector's HTTPS",
    example: '/etc/ssl/our-ca.pem',
    active: true,
  },
};

/** Never repeats its text: it may hold a token. */
function readEndpoint(text: string): ValueReading<string> {
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || !/^https?:$/.test(url.protocol))
    return bad('an address such as http://collector:4318');
  if (url.username !== '' || url.password !== '')
    return bad('an address without a password, which goes into FAIRLEAD_OTLP_HEADERS as authorization=Basic …');
  url.hash = '';
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return good(url.href);
}

/** What the proxy writes itself. */
const ownHeaders = new Set([
  'content-type',
  'content-length',
  'transfer-encoding',
  'content-encoding',
  'host',
  'connection',
]);
const expectedHeaders = 'headers such as authorization=Bearer%20abc,x-tenant=1';

/** As `OTEL_EXPORTER_OTLP_HEADERS` has them: separated by commas, values percent-encoded where need be. Never repeats its text. */
export function readOtlpHeaders(text: string): ValueReading<Readonly<Record<string, string>>> {
  const headers: Record<string, string> = {};
  for (const item of text.split(',')) {
    const at = item.indexOf('=');
    const name = item.slice(0, Math.max(at, 0)).trim().toLowerCase();
    const value = decoded(item.slice(at + 1).trim());
    if (at < 0 || !isHeaderName(name) || !/^[\x20-\x7e]+$/.test(value)) return bad(expectedHeaders);
    if (ownHeaders.has(name)) return bad(`${expectedHeaders}, but not ${name}, which the proxy writes itself`);
    headers[name] = value;
  }
  return good(headers);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** A ref is followed when the proxy starts; how it is written is checked now. */
function textIf({ value, faults }: ValueReading<unknown>, text: string): ValueReading<string> {
  return value === undefined ? { faults } : good(text);
}
