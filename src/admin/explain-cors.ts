import type { CorsPolicy } from '../routing/cors-policy.ts';
import type { Question } from '../routing/question.ts';
import { allowedOrigins } from '../steps/allowed-origins.ts';
import { readCorsRequest } from '../steps/cors.ts';

/** What `proxy.cors` would do for a script. */
export function corsText(policy: CorsPolicy, question: Question): string {
  const { origin, preflight } = readCorsRequest(question);
  const { origins, methods, headers, credentials } = policy;
  const everybody = credentials ? '' : ', without credentials';
  if (origin === null) return `scripts of ${origins?.join(', ') ?? 'every site'} may read the answer${everybody}`;
  const allowed = origins === null || allowedOrigins(origins)(origin);
  if (preflight === null) return `scripts of ${origin} may ${allowed ? 'read' : 'not read'} the answer`;
  if (!allowed) return `answers the preflight with 204 and allows nothing: ${origin} is not among the origins`;
  const names = headers.length === 0 ? '' : ` and the headers ${headers.join(', ')}`;
  return `answers the preflight with 204: ${methods.join(', ')}${names} allowed${everybody}`;
}
