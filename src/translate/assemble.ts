import { readHeaderText } from '../labels/header-text.ts';
import { reservedWords } from '../labels/label-key.ts';
import { groupOf, guardOf, isOptionKey, optionKeys, rowOf } from '../labels/table.ts';
import { isOff } from '../labels/value-reading.ts';
import { withoutOverlap } from './overlap.ts';
import {
  asRead,
  closeRoute,
  type Draft,
  type DraftOption,
  lostProtection,
  type Note,
  othersClosed,
  type RouteDraft,
  type Translation,
} from './translation.ts';

/** The routes of a service become labels: what they have in common once, on the base, and the rest under their names. */
export function assemble({ routes: drafted, shared, notes }: Draft): Translation {
  const problems: Note[] = [...notes];
  const read = withoutOverlap(
    drafted.filter((route) => isReadable(route, problems)),
    problems,
  );
  if (read.length === 0) return { labels: [], notes: problems };
  const routes = read.map((route) => ({ ...route, options: new Map([...shared, ...route.options]) }));
  // What it was to protect would be served by the others.
  const lostGuard = drafted.some((route) => faulty(route) !== undefined && [...route.options.keys()].some(guards));
  if (lostGuard) {
    for (const route of routes) closeRoute(route, '');
    problems.push(othersClosed);
  }
  for (const route of routes) dropUnreadable(route, problems);
  return { labels: routes.length === 1 ? flat(routes[0] as RouteDraft) : named(routes), notes: problems };
}

/** A route without one of its conditions would take other requests than were meant. */
function isReadable(route: RouteDraft, problems: Note[]): boolean {
  if (route.hosts.length === 0) return false;
  for (const host of route.hosts.filter((host) => faultOf('host', host) !== null && route.hosts.length > 1)) {
    route.hosts = route.hosts.filter((other) => other !== host);
    problems.push({ about: '', says: `${host} is no host here, and is left out`, severity: 'error' });
  }
  const [key, text] = faulty(route) ?? [];
  if (key === undefined || text === undefined) return true;
  const says = `route ${route.name || route.hosts.join(',')}: its ${key} cannot be written here (expected ${faultOf(key, text)}), so it is left out`;
  problems.push({ about: '', says, severity: 'error' });
  return false;
}

function faulty(route: RouteDraft): readonly [key: string, text: string] | undefined {
  return matchersOf(route).find(([key, text]) => faultOf(key, text) !== null);
}

function dropUnreadable(route: RouteDraft, problems: Note[]): void {
  for (const [key, { text, about }] of [...route.options]) {
    const fault = faultOf(key, text);
    if (fault === null) continue;
    route.options.delete(key);
    if (guards(key)) {
      // What is left of it would protect nothing by itself.
      for (const other of [...route.options.keys()])
        if (isPartOf(other, key === 'auth.users' ? 'auth' : key)) route.options.delete(other);
      closeRoute(route, about);
      problems.push(lostProtection(about, `no readable proxy.${key} can be made of it: expected ${fault}`));
    } else
      problems.push({
        about,
        says: `no readable proxy.${key} can be made of it: expected ${fault}`,
        severity: 'warning',
      });
  }
}

function isPartOf(key: string, whole: string): boolean {
  return key === whole || key.startsWith(`${whole}.`);
}

function guards(key: string): boolean {
  return isOptionKey(key) && guardOf(key) !== null;
}

const mustSay = new Set(['host', 'path', 'match']);

/** What would have been right; null where the label is well, or depends on a variable. */
function faultOf(key: string, written: string): string | null {
  const text = asRead(written);
  if (text === null) return null;
  // Neither a condition nor a protection is switched off by what another proxy takes for something else.
  if (isOff(text) && (mustSay.has(key) || guards(key))) return `a value for ${key}, not a word for none`;
  const header = /^(header|reqheader)\.(.+)$/.exec(key);
  const reading =
    header !== null
      ? readHeaderText(header[1] as 'header' | 'reqheader', header[2] as string, text, `proxy.${key}`)
      : isOptionKey(key)
        ? rowOf(key).read(text, `proxy.${key}`)
        : null;
  if (reading === null) return 'a known option';
  const fault = reading.faults.find(({ severity }) => severity !== 'warning');
  return fault?.expected ?? (reading.value === undefined ? 'another value' : null);
}

function matchersOf({ hosts, paths, match }: RouteDraft): [key: string, text: string][] {
  return [
    ['host', hosts.join(',')],
    ...(paths.length === 0 ? [] : ([['path', paths.join(',')]] as [string, string][])),
    ...(match.length === 0 ? [] : ([['match', match.join(' ')]] as [string, string][])),
  ];
}

function flat(route: RouteDraft): Translation['labels'] {
  return inOrder([...matchersOf(route), ...optionTexts(route.options)]).map(([key, text]) => [`proxy.${key}`, text]);
}

/** Belong to the one route that has them: a named route does not inherit them. */
const ownKeys = new Set(['priority', 'redirect', 'alias']);

function named(routes: readonly RouteDraft[]): Translation['labels'] {
  const [first, ...others] = routes as [RouteDraft, ...RouteDraft[]];
  const common = [...first.options].filter(
    ([key, { text }]) => !ownKeys.has(key) && others.every(({ options }) => options.get(key)?.text === text),
  );
  const commonKeys = new Set(common.map(([key]) => key));
  const ownOf = ({ options }: RouteDraft) => [...options].filter(([key]) => !commonKeys.has(key));
  const base = routes.find((route) => isBase(route, ownOf(route), routes));
  const host = base?.hosts.join(',') ?? '';
  const labels = [
    ...(base === undefined ? [] : matchersOf(base)),
    ...optionTexts(new Map([...common, ...(base === undefined ? [] : ownOf(base))])),
  ];
  const names = new Set<string>();
  const rest = routes
    .filter((route) => route !== base)
    .flatMap((route) => {
      const name = routeName(route, names);
      return inOrder([
        ...matchersOf(route).filter(([key, text]) => key !== 'host' || text !== host),
        ...optionTexts(new Map(ownOf(route))),
      ]).map(([key, text]): [string, string] => [`proxy.${name}.${key}`, text]);
    });
  return [...inOrder(labels).map(([key, text]): [string, string] => [`proxy.${key}`, text]), ...rest];
}

/** The base is a route when it takes all paths and says nothing that another one would inherit by mistake. */
function isBase(
  route: RouteDraft,
  own: readonly (readonly [string, DraftOption])[],
  routes: readonly RouteDraft[],
): boolean {
  if (route.paths.length > 0 || route.match.length > 0 || route.options.has('redirect')) return false;
  return own.every(([key]) => key === 'priority' || routes.every((other) => other === route || other.options.has(key)));
}

function optionTexts(options: ReadonlyMap<string, DraftOption>): [string, string][] {
  return [...options].map(([key, { text }]) => [key, text]);
}

/** As the table of labels has them. */
function inOrder(labels: readonly [string, string][]): [string, string][] {
  const rank = (key: string) => {
    const at = (optionKeys as readonly string[]).indexOf(key.replace(/^((?:req)?header)\..*$/, '$1'));
    return key === 'host' || key === 'port' ? at - 1_000 : at;
  };
  return labels.toSorted(([a], [b]) => rank(a) - rank(b));
}

/** A name that no option has and that nobody has taken. */
function routeName({ name, paths, hosts }: RouteDraft, taken: Set<string>): string {
  const words = (name || paths[0]?.replace(/^=\/$/, 'index') || hosts[0]?.replace(/^([a-z0-9-]+)\..*$/i, '$1') || '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50);
  const refused = words === '' || reservedWords.has(words) || optionKeys.some((key) => groupOf(key) === words);
  const free = refused ? `my-${words || 'route'}` : words;
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? free : `${free}-${count}`;
    if (taken.has(candidate)) continue;
    taken.add(candidate);
    return candidate;
  }
}
