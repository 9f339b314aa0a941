import { errorAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest, Endpoint } from './admin-context.ts';
import { explainEndpoint } from './explain.ts';
import { healthzEndpoint, readyzEndpoint } from './health.ts';
import { pageEndpoint } from './page.ts';
import { routesEndpoint } from './routes.ts';
import { statusEndpoint } from './status.ts';

const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/', pageEndpoint],
  ['/routes', routesEndpoint],
  ['/explain', explainEndpoint],
  ['/status', statusEndpoint],
  ['/healthz', healthzEndpoint],
  ['/readyz', readyzEndpoint],
]);

export function isEndpoint(path: string): boolean {
  return endpoints.has(path);
}

/** Finds the endpoint of a request that was let in. */
export async function answerRequest(
  method: string,
  request: AdminRequest,
  context: AdminContext,
): Promise<AdminAnswer> {
  const endpoint = endpoints.get(request.path);
  if (endpoint === undefined)
    return errorAnswer(404, 'nothing is here; the endpoints are', request.format, { endpoints: [...endpoints.keys()] });
  if (method !== 'GET' && method !== 'HEAD')
    return { ...errorAnswer(405, `${request.path} answers GET only`, request.format), headers: { Allow: 'GET, HEAD' } };
  return endpoint(request, context);
}
