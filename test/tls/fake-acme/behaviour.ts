import type { ServerResponse } from 'node:http';

/** What an endpoint does instead of what it should. */
export type Behaviour =
  /** Answers with a problem document and changes nothing. */
  | {
      readonly kind: 'problem';
      /** Without `urn:ietf:params:acme:error:`. */
      readonly type: string;
      readonly status: number;
      readonly detail: string;
      readonly subproblems?: readonly unknown[];
      readonly retryAfter?: string;
    }
  /** Never answers; with `done` it has done what it was asked for. */
  | { readonly kind: 'hang'; readonly done?: boolean }
  /** Begins an answer and cuts the connection. */
  | { readonly kind: 'cut' }
  /** Answers so, whatever was asked. */
  | { readonly kind: 'body'; readonly status?: number; readonly body: string; readonly type?: string }
  /** Does what it should, and changes the JSON of the answer. */
  | { readonly kind: 'change'; readonly change: (json: Record<string, unknown>) => unknown };

export const errorPrefix = 'urn:ietf:params:acme:error:';

/** Answers by a behaviour that has nothing to do with what was asked. */
export function misbehave(response: ServerResponse, behaviour: Exclude<Behaviour, { kind: 'change' }>): void {
  switch (behaviour.kind) {
    case 'problem': {
      const { type, status, detail, subproblems, retryAfter } = behaviour;
      response.setHeader('content-type', 'application/problem+json');
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      response.writeHead(status).end(JSON.stringify({ type: `${errorPrefix}${type}`, status, detail, subproblems }));
      return;
    }
    case 'hang':
      return;
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      response.write('{"status":"pen', () => response.destroy());
      return;
    case 'body':
      response.setHeader('content-type', behaviour.type ?? 'application/json');
      response.writeHead(behaviour.status ?? 200).end(behaviour.body);
      return;
    default:
      behaviour satisfies never;
  }
}
