import { dockerView } from './docker-view.ts';
import { routeView } from './route-view.ts';
import type { RoutesState } from './routes.ts';

/** Beyond it the built-in values of some ninety options would be most of the answer. */
const routesWithAllOptionsMax = 1_000;
const problemsMax = 10_000;
const unroutedMax = 10_000;

/** The body of `GET /routes`, route by route: a large table is never one text in memory. */
export function* routesJson(state: RoutesState, asked: 'all' | 'set' | null): Generator<string> {
  const { built, engines } = state;
  const { table, details, problems, unrouted } = built;
  const options = asked ?? (table.routes.length > routesWithAllOptionsMax ? 'set' : 'all');
  const head = { version: table.version, docker: dockerView(engines), optionsShown: options };
  yield `${JSON.stringify(head, null, 1).slice(0, -2)},\n "routes": [`;
  let separator = '\n  ';
  for (const { id } of table.routes) {
    const detail = details.get(id);
    if (detail === undefined) continue;
    yield separator + JSON.stringify(routeView(detail, state, options));
    separator = ',\n  ';
  }
  yield '\n ],\n "problems": [';
  yield* items(problems.slice(0, problemsMax));
  yield '\n ],\n "unrouted": [';
  yield* items(unrouted.slice(0, unroutedMax));
  yield '\n ]\n}\n';
}

function* items(values: readonly object[]): Generator<string> {
  let separator = '\n  ';
  for (const value of values) {
    yield separator + JSON.stringify(value);
    separator = ',\n  ';
  }
}
