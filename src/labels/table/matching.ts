import { readAliasList, readHostList } from '../host-list.ts';
import type { OptionKey } from '../options.ts';
import { readPathList } from '../path-list.ts';
import { listOf, nameOf, readSwitch, wholeNumber } from '../plain-value.ts';
import { readPredicateList } from '../predicate-list.ts';
import { orOff } from '../value-reading.ts';
import type { Rows } from './row.ts';

/** Which requests a route takes. */
export const matchingRows = {
  enable: {
    value: 'bool',
    default: 'true if any host is given',
    builtIn: true,
    off: false,
    read: readSwitch,
    help: 'hide a container, or force one: compose one-off containers are ignored unless it is true; on a named route it switches that route',
    example: 'false',
    tier: 1,
    active: true,
  },
  host: {
    value: 'list of `name`, `*.name`, `~regex`, `*`',
    default: '–',
    builtIn: [],
    off: [],
    read: orOff([], readHostList),
    help: 'hosts of the route; IDN and any case are accepted, a regex sees the lower-case host without port and is not anchored by itself',
    example: 'app.example.com,*.example.org',
    tier: 1,
    active: true,
    ownOnly: true,
  },
  alias: {
    value: 'list of names',
    default: '–',
    builtIn: [],
    off: [],
    read: orOff([], readAliasList),
    help: '308 to the first `host`, path and query kept; the certificate covers it; a named route with its own `host` does not inherit it',
    example: 'www.example.com',
    tier: 1,
    active: true,
    ownOnly: true,
  },
  path: {
    value: 'list of `/prefix`, `=/exact`, `~regex`, `*.{js,css}`, `/static/*.png`',
    default: '`/`',
    builtIn: [{ kind: 'prefix', text: '/', prefix: '' }],
    off: [{ kind: 'prefix', text: '/', prefix: '' }],
    read: orOff([{ kind: 'prefix', text: '/', prefix: '' }], readPathList),
    help: 'paths of the route; a prefix counts by whole segments: `/api` is `/api/x` but not `/api-x`; in a glob `*` stays within a segment, `**` does not',
    example: '/api,/v2',
    tier: 1,
    active: true,
    matcher: true,
    ownOnly: true,
  },
  match: {
    value: 'words `method=GET,POST` `header:X=1` `query:q=1` `cookie:c=1` `ip=10.0.0.0/8`',
    default: '–',
    builtIn: [],
    off: [],
    read: orOff([], readPredicateList),
    help: 'further conditions, all of which must hold; without `=value` a header, query or cookie must only be there; quotes keep spaces',
    example: 'method=GET header:X-Beta=1',
    tier: 2,
    active: true,
    matcher: true,
    ownOnly: true,
  },
  priority: {
    value: 'int',
    default: '0',
    builtIn: 0,
    off: 0,
    read: orOff(0, wholeNumber(-1_000_000, 1_000_000)),
    help: 'tie-break between routes that match equally closely; higher first',
    example: '10',
    tier: 1,
    active: true,
    matcher: true,
    ownOnly: true,
  },
  use: {
    value: 'list of profiles',
    default: '–',
    builtIn: [],
    off: [],
    read: orOff([], listOf(nameOf('names of profiles,', 'public,secure'))),
    help: 'apply `FAIRLEAD_PROFILE_<NAME>`, the later of several wins; a profile named on a named route beats what that route inherits; an unknown profile fails closed unless it is a near miss of one that guards nothing',
    example: 'public',
    tier: 2,
    active: true,
    // A profile may hold any protection.
    protective: true,
  },
} as const satisfies Partial<Rows<OptionKey>>;
