import { msText } from '../base/ms-text.ts';
import { type DockerView, dockerView } from './docker-view.ts';
import { lingeringText } from './lingering-text.ts';
import { problemLines } from './problem-lines.ts';
import { lingers } from './route-state.ts';
import { type RouteView, routeView } from './route-view.ts';
import type { RoutesState } from './routes.ts';
import { terminalText, textTable } from './text-table.ts';
import { tlsWords } from './tls-words.ts';

const routesMax = 10_000;
const problemsMax = 1_000;
const unroutedMax = 1_000;
/** Of routes about which one line is. */
const namedMax = 5;

/** `GET /routes` for a terminal: the routes, then who is not well, who has no route, and what is wrong and how to mend it. */
export function routesText(state: RoutesState): string {
  const { built, engines } = state;
  const { routes, version } = built.table;
  const views = routes.slice(0, routesMax).flatMap(({ id }) => {
    const detail = built.details.get(id);
    return detail === undefined ? [] : [routeView(detail, state, 'none')];
  });
  const { endpoints, ...docker } = dockerView(engines);
  return [
    ...(endpoints ?? [docker]).map(dockerLine),
    `${count(routes.length, 'route')}, table version ${version}`,
    '',
    ...routeLines(views, routes.length - views.length),
    ...unwellLines(views, state),
    ...certificateLines(views),
    ...unroutedLines(built.unrouted),
    ...problemsLines(built.problems),
  ].join('\n');
}

function dockerLine({ connected, since, endpoint, engine, error }: DockerView): string {
  const when = since === null ? '' : ` since ${since}`;
  const how = connected ? `connected${when}${engine === '' ? '' : ` (${engine})`}` : `NOT CONNECTED${when}: ${error}`;
  return terminalText(`docker ${endpoint} ${how}`);
}

function routeLines(views: readonly RouteView[], left: number): string[] {
  if (views.length === 0) return ['no routes: give a container the label proxy.host=app.example.com'];
  const rows = views.map((view) => [
    view.host,
    [view.path, ...view.match].join(' '),
    view.state,
    backendsText(view),
    tlsWords(view.tls),
    view.stats.requests,
    view.stats.perSecond,
    msText(view.stats.p50),
    msText(view.stats.p95),
    view.stats.s5xx,
  ]);
  const table = textTable(
    ['HOST', 'PATH', 'STATE', 'BACKENDS', 'HTTPS', 'REQUESTS', 'PER S', 'P50', 'P95', '5XX'],
    rows,
  );
  return left > 0 ? [...table, `… and ${left} more; ?format=json has them all`] : table;
}

function backendsText({ redirect, pool: { backends } }: RouteView): string {
  if (redirect !== null) return `→ ${redirect.location} (${redirect.status})`;
  const healthy = backends.filter(({ state }) => state === 'healthy').length;
  const only = backends.length === 1 ? backends[0] : undefined;
  if (only !== undefined && healthy === 1) return `${only.container} ${only.address}`;
  return `${healthy} of ${backends.length} healthy`;
}

/** The routes that are not simply live, each with its reason; then the backends. */
function unwellLines(views: readonly RouteView[], { built, linger }: RoutesState): string[] {
  const gone = new Set([...built.details.values()].filter(lingers).map(({ route }) => route.id));
  const unwell = views.filter(({ id, state }) => state !== 'live' && !gone.has(id));
  const lingering = views.filter(({ id }) => gone.has(id));
  const backends = new Map<string, (string | number)[]>();
  for (const { id, pool } of views)
    for (const { container, address, state, reason } of gone.has(id) ? [] : pool.backends)
      if (state !== 'healthy') backends.set(`${container} ${address}`, [container, state, reason]);
  return [
    ...(unwell.length + lingering.length === 0 ? [] : ['', 'NOT LIVE']),
    ...unwell.map(({ id, state, why }) => terminalText(`${id} is ${state}: ${why}`)),
    ...(lingering.length === 0 ? [] : [terminalText(lingeringLine(lingering, linger))]),
    ...(backends.size === 0 ? [] : ['', 'BACKENDS NOT HEALTHY']),
    // The reason says what to do, so it is never cut.
    ...[...backends.values()].map(([container, state, reason]) => terminalText(`${container} is ${state}: ${reason}`)),
  ];
}

function lingeringLine(views: readonly RouteView[], linger: string): string {
  return `${lingeringText(views.length, linger)}: ${named(views.map(({ id }) => id))}`;
}

/** Each trouble with a certificate once, with the routes that have it. */
function certificateLines(views: readonly RouteView[]): string[] {
  const troubles = new Map<string, string[]>();
  for (const { id, tls } of views) {
    if (tls.error === null) continue;
    const line = `${tlsWords(tls)}: ${tls.error}`;
    troubles.set(line, [...(troubles.get(line) ?? []), id]);
  }
  if (troubles.size === 0) return [];
  return ['', 'HTTPS NOT WELL', ...[...troubles].map(([line, ids]) => terminalText(`${named(ids)}: ${line}`))];
}

function named(ids: readonly string[]): string {
  return ids.length <= namedMax
    ? ids.join(', ')
    : `${ids.slice(0, namedMax).join(', ')} and ${ids.length - namedMax} more`;
}

function problemsLines(problems: RoutesState['built']['problems']): string[] {
  if (problems.length === 0) return [];
  const shown = problems.slice(0, problemsMax);
  const left = problems.length - shown.length;
  return [
    '',
    'PROBLEMS',
    ...shown.flatMap((problem) => problemLines(problem)),
    ...(left > 0 ? [`… and ${left} more`] : []),
  ];
}

/** Containers that somebody may look for among the routes. */
function unroutedLines(unrouted: RoutesState['built']['unrouted']): string[] {
  if (unrouted.length === 0) return [];
  const shown = unrouted.slice(0, unroutedMax);
  const left = unrouted.length - shown.length;
  return [
    '',
    'UNROUTED',
    ...shown.flatMap(({ container, state, why, suggestion }) => [
      terminalText(`${container} (${state}): ${why}`),
      ...(suggestion === '' ? [] : [terminalText(`    ${suggestion}`)]),
    ]),
    ...(left > 0 ? [`… and ${left} more`] : []),
  ];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
