import { readDuration } from '../../base/duration.ts';
import { contentCodings } from '../../http/accept-encoding.ts';
import { uriPlaceholders } from '../../http/request-template.ts';
import type { CacheMode, OptionKey, Options } from '../options.ts';
import { choice, listOf, readBytes, readMethod, readStatusRange, readTime, textOf } from '../plain-value.ts';
import { readPredicateList } from '../predicate-list.ts';
import { templateFault } from '../template-text.ts';
import { bad, doubtful, good, orOff, type ValueReading } from '../value-reading.ts';
import { type Rows, switchRow } from './row.ts';

const compressibleTypes = [
  'text/*',
  'application/json',
  'application/javascript',
  'application/xml',
  'application/wasm',
  'image/svg+xml',
];

/** What becomes of an answer: kept, made smaller. */
export const deliveryRows = {
  cache: {
    value: '`off`, `on`, `assets`, duration; `assets 30d`',
    default: 'off',
    builtIn: { kind: 'off' },
    off: { kind: 'off' },
    read: orOff({ kind: 'off' }, readCache),
    help: 'on = RFC 9111; assets = js css png jpg jpeg gif ico svg woff2 woff ttf eot; a duration = how long where the backend says nothing; adds X-Cache-Status and Cache-Status',
    example: 'assets',
    tier: 1,
    active: true,
  },
  'cache.force': switchRow({
    default: false,
    help: 'keep answers even where the backend forbids it',
    tier: 1,
    active: true,
  }),
  'cache.stale': {
    value: 'duration or off',
    default: '1d while the backend fails',
    builtIn: null,
    off: 0,
    read: orOff(0 as Options['cache.stale'], readTime),
    help: 'how long an old answer may stand in while the backend fails and, where this is set, while a fresh one is fetched; what the backend says of it (`stale-if-error`, `stale-while-revalidate`, `must-revalidate`) comes first',
    example: '1h',
    tier: 1,
    active: true,
  },
  'cache.status': {
    value: 'list of statuses',
    default: '200,301,404',
    builtIn: [
      { from: 200, to: 200 },
      { from: 301, to: 301 },
      { from: 404, to: 404 },
    ],
    read: listOf(readStatusRange),
    help: 'answers that are kept where the backend says nothing',
    example: '200',
    tier: 1,
    active: true,
  },
  'cache.methods': {
    value: 'list of methods',
    default: 'GET,HEAD',
    builtIn: ['GET', 'HEAD'],
    read: listOf(readMethod),
    help: 'requests that are answered from the cache: GET, HEAD or both',
    example: 'GET',
    tier: 1,
    active: (methods) => methods.every((method) => method === 'GET' || method === 'HEAD'),
  },
  'cache.key': {
    value: 'text with `{scheme} {host} {uri} {path} {query}`',
    default: 'the whole URI',
    builtIn: null,
    off: null,
    read: orOff(null, readCacheKey),
    help: 'what makes two requests the same',
    example: '{host}{path}',
    tier: 1,
    active: true,
  },
  'cache.bypass': {
    value: 'words as in `match`',
    default: '–',
    builtIn: [],
    off: [],
    read: orOff([], readPredicateList),
    help: 'a request that meets any of them goes to the backend, and its answer is not kept',
    example: 'cookie:session',
    tier: 1,
    active: true,
    verbatim: true,
    long: true,
  },
  'cache.max': {
    value: 'size or off',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null, readBytes),
    help: 'largest answer that is kept',
    example: '10m',
    tier: 1,
    active: true,
  },
  'cache.browser': {
    value: 'duration or off',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null as Options['cache.browser'], readTime),
    help: 'Expires and max-age for the browser',
    example: '30d',
    tier: 1,
    active: true,
  },
  compress: {
    value: 'bool or list of `zstd`, `br`, `gzip`',
    default: 'false',
    builtIn: false,
    off: false,
    read: orOff(false as Options['compress'], readCodings),
    help: 'compress answers for clients that ask for it; of codings that a client likes equally the first of the list',
    example: 'true',
    tier: 2,
    active: true,
  },
  'compress.min': {
    value: 'size',
    default: '1k',
    builtIn: 1024,
    off: 0,
    read: orOff(0, readBytes),
    help: 'answers that state a smaller length are left alone',
    example: '4k',
    tier: 2,
    active: true,
  },
  'compress.types': {
    value: 'list of media types',
    default: `\`${compressibleTypes.join(',')}\``,
    builtIn: compressibleTypes,
    read: listOf(readMediaType),
    help: 'answers that are worth it; `application/json` and `application/xml` mean types that end in `+json` and `+xml` too, and `text/event-stream` counts only where it is named',
    example: 'text/html,application/json',
    tier: 2,
    active: true,
    long: true,
  },
} as const satisfies Partial<Rows<OptionKey>>;

function readCache(text: string): ValueReading<CacheMode> {
  const [first = '', second, more] = text.toLowerCase().split(/\s+/);
  const kind = first === 'assets' ? 'assets' : 'on';
  const named = first === 'assets' || /^(on|true|yes)$/.test(first);
  const ttl = named ? second : first;
  const ttlMs = ttl === undefined ? null : readDuration(ttl);
  const surplus = named ? more : second;
  if ((ttl !== undefined && ttlMs === null) || surplus !== undefined)
    return bad('off, on, assets, a duration such as 10m, or both as in assets 30d');
  return good(ttlMs === 0 ? { kind: 'off' } : { kind, ttlMs });
}

/** A placeholder that nobody fills would make requests the same that are not. */
function readCacheKey(text: string, label: string): ValueReading<string> {
  const reading = textOf('a template such as {host}{path}')(text, label);
  if (reading.value === undefined) return reading;
  const fault = templateFault(text, uriPlaceholders, (mended) => `${label}=${mended}`);
  if (fault !== null) return { faults: [fault] };
  return text.includes('{')
    ? reading
    : doubtful(text, 'a placeholder, as in {host}{path}: without one all requests of the route are the same');
}

function readCodings(text: string, label: string): ValueReading<Options['compress']> {
  if (/^(true|on|yes|1)$/i.test(text)) return good(contentCodings);
  if (text === '0') return good(false);
  return listOf(choice(contentCodings, { brotli: 'br', gz: 'gzip', zst: 'zstd' }))(text, label);
}

function readMediaType(text: string): ValueReading<string> {
  return /^[a-z0-9!#$&^_.+-]+\/([a-z0-9!#$&^_.+-]+|\*)$/i.test(text)
    ? good(text.toLowerCase())
    : bad('media types such as text/html,application/json');
}
