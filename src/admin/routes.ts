import { durationText } from '../base/duration.ts';
import { errorAnswer, textAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import { CertificateIndex } from './certificate-index.ts';
import { statesWithEjected } from './live-detail.ts';
import { shellAnswer } from './page/shell.ts';
import { routesJson } from './routes-json.ts';
import { routesText } from './routes-text.ts';

/**
 * `GET /routes`: all that is live, and why the rest is not. `?options=all` or `set` says which options of a route are shown;
 * without it all are, but in a table beyond 1,000 routes only those that somebody set.
 */
export async function routesEndpoint(request: AdminRequest, context: AdminContext): Promise<AdminAnswer> {
  switch (request.format) {
    case 'html':
      return shellAnswer(context);
    case 'text':
      return textAnswer(routesText(await stateOf(context)));
    case 'json': {
      const options = request.query.get('options');
      if (options !== null && options !== 'all' && options !== 'set')
        return errorAnswer(400, '`options` is all or set', request.format);
      const body = routesJson(await stateOf(context), options);
      return { status: 200, type: 'application/json; charset=utf-8', body };
    }
    default:
      return request.format satisfies never;
  }
}

/** Everything about the routes at one moment. */
export type RoutesState = Awaited<ReturnType<typeof stateOf>>;

export async function stateOf({ view, settings }: Pick<AdminContext, 'view' | 'settings'>) {
  // The numbers first: they take a while, and the table is to be the newest.
  const traffic = await view.traffic();
  return {
    built: view.built(),
    engines: view.snapshot().engines,
    linger: durationText(settings.lingerMs),
    backendState: statesWithEjected(view, traffic.ejected),
    numbers: { traffic, recent: (routeId: string) => view.recent(routeId) },
    /** null: nothing listens for HTTPS. */
    certificates: settings.https === null ? null : new CertificateIndex(view.certificates()),
  };
}
