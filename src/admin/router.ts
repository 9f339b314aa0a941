import { noCookie } from './access.ts';
import { errorAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest, Endpoint } from './admin-context.ts';
import { cacheEndpoint, purgeEndpoint } from './cache.ts';
import { certsEndpoint, rootEndpoint } from './certs.ts';
import { drainEndpoint, undrainEndpoint } from './drain.ts';
import { eventsEndpoint } from './events.ts';
import { explainEndpoint } from './explain.ts';
import { healthzEndpoint, readyzEndpoint } from './health.ts';
import { liveEndpoint, routeEndpoint } from './live/live.ts';
import { metricsEndpoint } from './metrics.ts';
import { assetEndpoint } from './page/assets.ts';
import { shellAnswer } from './page/shell.ts';
import { renewEndpoint } from './renew.ts';
import { routesEndpoint } from './routes.ts';
import { statusEndpoint } from './status.ts';

/** What a path answers, by method; HEAD goes with GET. */
type Methods = { readonly [method in 'GET' | 'POST' | 'DELETE']?: Endpoint };

const endpoints: ReadonlyMap<string, Methods> = new Map<string, Methods>([
  ['/', { GET: (_request, context) => shellAnswer(context) }],
  ['/routes', { GET: routesEndpoint }],
  ['/route', { GET: routeEndpoint }],
  ['/live', { GET: liveEndpoint }],
  ['/explain', { GET: explainEndpoint }],
  ['/certs', { GET: certsEndpoint }],
  ['/certs/renew', { POST: renewEndpoint }],
  ['/certs/root.pem', { GET: rootEndpoint }],
  ['/cache', { GET: cacheEndpoint, DELETE: purgeEndpoint }],
  ['/status', { GET: statusEndpoint }],
  ['/metrics', { GET: metricsEndpoint }],
  ['/events', { GET: eventsEndpoint }],
  ['/login', { GET: () => ({ ...errorAnswer(303, 'signed in', 'text'), headers: { Location: '/' } }) }],
  ['/logout', { POST: logoutEndpoint }],
  ['/healthz', { GET: healthzEndpoint }],
  ['/readyz', { GET: readyzEndpoint }],
]);

/** Paths that name something between their words. */
const endpointsByShape: readonly { readonly shape: RegExp; readonly shown: string; readonly methods: Methods }[] = [
  { shape: /^\/assets\//, shown: '/assets/…', methods: { GET: assetEndpoint } },
  { shape: /^\/backends\/[^/]+\/drain$/, shown: '/backends/<container>/drain', methods: { POST: drainEndpoint } },
  { shape: /^\/backends\/[^/]+\/undrain$/, shown: '/backends/<container>/undrain', methods: { POST: undrainEndpoint } },
];

/** `POST /logout`: a browser forgets that it was let in. */
function logoutEndpoint(): AdminAnswer {
  return { ...errorAnswer(303, 'signed out', 'text'), headers: { Location: '/', 'Set-Cookie': noCookie } };
}

function methodsOf(path: string): Methods | undefined {
  return endpoints.get(path) ?? endpointsByShape.find(({ shape }) => shape.test(path))?.methods;
}

/** Whether a browser can be sent to this path. */
export function isPage(path: string): boolean {
  const methods = endpoints.get(path);
  return methods !== undefined && 'GET' in methods;
}

/** Finds the endpoint of a request that was let in. */
export async function answerRequest(
  method: string,
  request: AdminRequest,
  context: AdminContext,
): Promise<AdminAnswer> {
  const methods = methodsOf(request.path);
  if (methods === undefined) {
    const known = [...endpoints.keys(), ...endpointsByShape.map(({ shown }) => shown)];
    return errorAnswer(404, 'nothing is here; the endpoints are', request.format, { endpoints: known });
  }
  const endpoint = Object.entries(methods).find(([name]) => name === (method === 'HEAD' ? 'GET' : method))?.[1];
  if (endpoint !== undefined) return endpoint(request, context);
  const names = Object.keys(methods);
  const allow = names.map((name) => (name === 'GET' ? 'GET, HEAD' : name)).join(', ');
  const answer = errorAnswer(405, `${request.path} answers ${names.join(' and ')} only`, request.format);
  return { ...answer, headers: { Allow: allow } };
}
