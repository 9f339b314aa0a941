import type { ClientIdentity } from '../../src/http/forwarded.ts';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import type { StepContext } from '../../src/steps/step.ts';

export interface ContextWish {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  /** `[name, value, …]` */
  readonly headers?: readonly string[];
  readonly bodyLength?: number | null;
  readonly client?: Partial<ClientIdentity>;
  readonly hstsAllowed?: boolean;
  readonly gone?: AbortSignal;
}

/** A request as a step sees it, of a client at 203.0.113.9 that came over TLS. */
export function stepContext(wish: ContextWish = {}): StepContext {
  const { method = 'GET', target = '/', host = 'app.example.com', bodyLength = 0, hstsAllowed = false } = wish;
  const headers = new FlatHeaderList([...(wish.headers ?? [])]);
  const [path = '', query = ''] = target.split('?', 2);
  const client = { address: '203.0.113.9', scheme: 'https', host, port: 443, trusted: false, ...wish.client } as const;
  return {
    request: { method, target, version: '1.1', authority: host, headers, bodyLength, upgrade: null },
    client,
    requestId: 'id-1',
    hstsAllowed,
    rate: null,
    limit: null,
    user: null,
    cors: null,
    coding: null,
    gone: wish.gone ?? new AbortController().signal,
    ...{ host, path, query, method, clientAddress: client.address, header: (name: string) => headers.get(name) },
  };
}
