import type { RequestHead } from '../http/head.ts';
import type { HeaderList } from '../http/header-list.ts';
import { addVary } from '../http/vary.ts';
import { isHeaderName } from '../labels/header-text.ts';
import type { CorsPolicy } from '../routing/cors-policy.ts';
import { allowedOrigins } from './allowed-origins.ts';
import type { Step } from './step.ts';

/** What a browser says on behalf of a script. */
export interface CorsRequest {
  /** As it was sent; null = none, or several. */
  readonly origin: string | null;
  /** A preflight: what the script would send (Fetch §3.3.2). */
  readonly preflight: { readonly method: string; readonly headers: string } | null;
}

/** An OPTIONS is a preflight only with both headers: any other is for the backend. */
export function readCorsRequest({ method, headers }: Pick<RequestHead, 'method' | 'headers'>): CorsRequest {
  const origin = headers.only('origin') ?? null;
  const asked = method === 'OPTIONS' && origin !== null ? headers.only('access-control-request-method') : undefined;
  if (asked === undefined) return { origin, preflight: null };
  return {
    origin,
    preflight: { method: asked, headers: headers.all('access-control-request-headers').join(',') },
  };
}

/** What is said anew; in lower case. */
const answerFields: ReadonlySet<string> = new Set([
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
]);

/**
 * `proxy.cors`: says on every answer, whoever wrote it, whose scripts may read it, and answers preflights by itself. What the
 * backend says of that is replaced, but for Access-Control-Expose-Headers, for which there is no label; what is not allowed is
 * not said, and the browser draws the conclusion.
 */
export function cors(policy: CorsPolicy): Step {
  const { origins } = policy;
  const isAllowed = origins === null ? () => true : allowedOrigins(origins);
  return {
    name: 'cors',
    request(context) {
      // Kept, because a label may edit these headers on their way to the backend.
      context.cors = readCorsRequest(context.request);
      return context.cors.preflight === null ? undefined : { kind: 'no-content' };
    },
    response({ cors: known, request }, { headers }) {
      const { origin, preflight } = known ?? { ...readCorsRequest(request), preflight: null };
      headers.filter((lower) => !answerFields.has(lower));
      if (origins !== null) addVary(headers, 'Origin');
      if (origins !== null && (origin === null || !isAllowed(origin))) {
        headers.delete('access-control-expose-headers');
        return;
      }
      headers.append('Access-Control-Allow-Origin', origins === null ? '*' : (origin as string));
      if (policy.credentials) headers.append('Access-Control-Allow-Credentials', 'true');
      if (preflight !== null) appendTerms(headers, policy, preflight);
    },
  };
}

/** What a script may send. With credentials `*` means nothing to a browser (Fetch §3.3.3), so what it asks for is named. */
function appendTerms(
  headers: HeaderList,
  { methods, headers: names, credentials, maxAgeSeconds }: CorsPolicy,
  asked: CorsRequest['preflight'] & {},
): void {
  const named = (list: readonly string[], wanted: readonly string[]): readonly string[] =>
    credentials && list.includes('*') ? wanted.filter(isHeaderName) : list;
  const allowedMethods = named(methods, [asked.method]);
  const allowedNames = named(
    names,
    asked.headers.split(',').map((name) => name.trim()),
  );
  if (allowedMethods.length > 0) headers.append('Access-Control-Allow-Methods', allowedMethods.join(', '));
  if (allowedNames.length > 0) headers.append('Access-Control-Allow-Headers', allowedNames.join(', '));
  headers.append('Access-Control-Max-Age', String(maxAgeSeconds));
}
