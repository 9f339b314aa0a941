import { readAddressList } from '../address-list.ts';
import { splitList } from '../list-text.ts';
import type { Auth, LimitKey, OptionKey, UserList } from '../options.ts';
import { readPathList } from '../path-list.ts';
import { listOf, readBytes, readRate, readToken, textOf } from '../plain-value.ts';
import { isRef, readRef } from '../ref.ts';
import { readUserEntries } from '../user-entries.ts';
import { bad, didYouMean, good, isOff, orOff, type ValueReading } from '../value-reading.ts';
import { countRow, type Rows, switchRow } from './row.ts';

/** What keeps requests out. All of it is protective: what cannot be honoured closes the route. */
export const guardRows = {
  limit: {
    value: 'rate or off',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null, readRate),
    help: 'token bucket per client; sends Retry-After and RateLimit headers; a named route has its own',
    example: '10/s',
    tier: 1,
    active: true,
    protective: true,
  },
  'limit.burst': countRow({
    default: 0,
    min: 0,
    max: 1_000_000,
    off: 0,
    help: 'requests that may come at once beyond the rate',
    example: '20',
    tier: 1,
    active: true,
  }),
  'limit.delay': switchRow({
    default: false,
    help: 'true: what comes early waits for its turn instead of a 429',
    tier: 1,
    active: true,
  }),
  'limit.key': {
    value: '`ip`, `header:X`, `cookie:X`, `host`',
    default: 'ip',
    builtIn: { kind: 'ip' },
    read: readLimitKey,
    help: 'what tells clients apart; IPv6 by /64; who lacks the header or the cookie is told by address',
    example: 'header:X-Api-Key',
    tier: 1,
    active: true,
  },
  'limit.status': countRow({
    default: 429,
    min: 400,
    max: 599,
    help: 'status of a refusal',
    example: '503',
    tier: 1,
    active: true,
  }),
  maxbody: {
    value: 'size or off',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null, readBytes),
    help: '413 for a larger body; counted while streaming, never buffered',
    example: '100m',
    tier: 1,
    active: true,
    protective: true,
  },
  allow: {
    value: 'CIDRs, `private`, ref',
    default: 'all',
    builtIn: null,
    off: null,
    read: (text, label) => (isOff(text) || /^all$/i.test(text) ? good(null) : readAddressList(text, label)),
    help: '403 for all others; by the real client address',
    example: 'private',
    tier: 1,
    active: true,
    protective: true,
    long: true,
  },
  deny: {
    value: 'CIDRs, `private`, ref',
    default: 'none',
    builtIn: null,
    off: null,
    read: (text, label) => (isOff(text) || /^none$/i.test(text) ? good(null) : readAddressList(text, label)),
    help: '403 for these, `allow` notwithstanding',
    example: '203.0.113.0/24',
    tier: 1,
    active: true,
    protective: true,
    long: true,
  },
  auth: {
    value: '`off`, `basic`, `forward:<url>`, `oidc:<profile>`',
    default: 'off',
    builtIn: { kind: 'off' },
    off: { kind: 'off' },
    read: orOff({ kind: 'off' } as Auth, readAuth),
    help: 'who may enter',
    example: 'basic',
    tier: 1,
    active: (value) => value.kind !== 'oidc',
    protective: true,
    secret: true,
    long: true,
  },
  'auth.users': {
    value: 'htpasswd entries or ref',
    default: '–',
    builtIn: null,
    off: null,
    read: orOff(null, readUsers),
    help: 'as `fairlead hash` prints them, separated by commas',
    example: '@/run/secrets/users',
    tier: 1,
    active: true,
    secret: true,
    verbatim: true,
    long: true,
  },
  'auth.realm': {
    value: 'text',
    default: 'the host',
    builtIn: '',
    read: textOf('a short text such as Staff only'),
    help: 'what the browser shows when it asks',
    example: 'Staff only',
    tier: 1,
    active: true,
  },
  'auth.headers': {
    value: 'list of names',
    default: '–',
    builtIn: [],
    off: [],
    read: orOff([], listOf(readToken)),
    help: 'headers of a `forward` answer that go on to the backend; with `basic` those that tell it the name, and `Authorization` to pass that on. A client cannot send them itself',
    example: 'Remote-User',
    tier: 2,
    active: true,
  },
  'auth.except': {
    value: 'list of paths',
    default: '–',
    builtIn: [],
    off: [],
    read: orOff([], readPathList),
    help: 'paths that need no password',
    example: '/public,=/robots.txt',
    tier: 1,
    active: true,
    long: true,
  },
} as const satisfies Partial<Rows<OptionKey>>;

function readLimitKey(text: string, label: string): ValueReading<LimitKey> {
  const word = text.toLowerCase();
  if (word === 'ip' || word === 'host') return good({ kind: word });
  const named = /^(header|cookie):(.+)$/i.exec(text);
  const name = named === null ? undefined : readToken(named[2] as string).value;
  if (named !== null && name !== undefined) return good({ kind: named[1]?.toLowerCase() as 'header' | 'cookie', name });
  return bad(
    'one of ip, host, header:X, cookie:X',
    /^(header|cookie)=/i.test(text) ? didYouMean(`${label}=${text.replace('=', ':')}`) : '',
  );
}

const expectedAuth = 'one of off, basic, forward:<url>, oidc:<profile>';

/** Never repeats its text: it may be a password in the wrong place. */
function readAuth(text: string, label: string): ValueReading<Auth> {
  const word = text.toLowerCase();
  if (word === 'basic') return good({ kind: 'basic' });
  const url = /^forward:(https?:\/\/[a-z0-9.\-_[\]:]+(?:[/?][\x21-\x7e]*)?)$/i.exec(text)?.[1];
  if (url !== undefined && URL.canParse(url)) return good({ kind: 'forward', url });
  if (word.startsWith('forward')) return bad('forward and an address, such as forward:http://auth:9091/verify');
  const profile = /^oidc:([a-z0-9][a-z0-9-]*)$/i.exec(text)?.[1];
  if (profile !== undefined) return good({ kind: 'oidc', profile: profile.toLowerCase() });
  if (text.includes(':') || isRef(text))
    return bad(`${expectedAuth}; the users have their own label`, didYouMean(`${label}=basic`, `${label}.users=…`));
  return bad(expectedAuth, /^(basicauth|true|on|yes|1|password)$/.test(word) ? didYouMean(`${label}=basic`) : '');
}

/** Never repeats its text. */
function readUsers(text: string): ValueReading<UserList> {
  if (isRef(text)) return readRef(text);
  const entries = splitList(text.replaceAll('\n', ',')).filter((entry) => entry !== '');
  if (entries.length === 0)
    return bad('htpasswd entries as `fairlead hash` prints them, @/run/secrets/users or env:NAME');
  const reading = readUserEntries(entries);
  return reading.value === undefined ? { faults: reading.faults } : good({ entries });
}
