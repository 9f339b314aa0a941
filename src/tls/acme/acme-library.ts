import { AsyncLocalStorage } from 'node:async_hooks';
import type { Agent } from 'node:https';
import type { AcmeAnswer } from './acme-answer.ts';

/** One call of the library, which may be several requests. */
export interface LibraryCall {
  readonly agent: Agent;
  readonly signal: AbortSignal;
  /** The last answer that came. */
  answer: AcmeAnswer | null;
  /** Why no answer came to the last request; null where one did. */
  fault: unknown;
  /** Requests so far; one more than `requestsMax` was not made. */
  requests: number;
}

export type AcmeLibrary = typeof import('acme-client');

/** A certificate with its chain takes some 10 KB. */
const answerBytesMax = 1024 * 1024;

/**
 * Two requests with six nonces each, all of them bad, each asked for on its own. More is the library going in circles, as it does
 * for ever when an account is answered for without a URL.
 */
export const requestsMax = 24;

const calls = new AsyncLocalStorage<LibraryCall>();
let library: Promise<AcmeLibrary> | undefined;

/** acme-client, loaded when it is first needed: 50 packages, a third of a second, 40 MiB. */
export function acmeLibrary(): Promise<AcmeLibrary> {
  library ??= import('acme-client').then(prepare);
  return library;
}

/** Requests that the library makes in `work` go by the terms of `call`, and their answers end there. */
export function inCall<T>(call: LibraryCall, work: () => Promise<T>): Promise<T> {
  return calls.run(call, work);
}

/**
 * The library has one axios for all, repeats requests for minutes where nobody can stop it, fails with a TypeError where no
 * answer comes, and drops all of a problem document but a sentence. So its interceptors make room for ours.
 */
function prepare(acme: AcmeLibrary): AcmeLibrary {
  const { request, response } = acme.axios.interceptors;
  request.clear();
  response.clear();
  request.use((config) => {
    const call = calls.getStore();
    if (!call) return config;
    call.requests += 1;
    if (call.requests > requestsMax) throw new Error(`more than ${requestsMax} requests for one thing`);
    config.httpsAgent = call.agent;
    config.signal = call.signal;
    config.maxContentLength = answerBytesMax;
    // A signed request is meant for one URL (RFC 8555 §6.4).
    config.maxRedirects = 0;
    config.headers.set('User-Agent', 'fairlead (acme-client)');
    return config;
  });
  response.use(
    (answer) => {
      const call = calls.getStore();
      const field = (name: string) => String(answer.headers[name] ?? '');
      if (call) {
        call.fault = null;
        call.answer = {
          status: answer.status,
          data: answer.data,
          location: field('location'),
          retryAfter: field('retry-after'),
        };
      }
      return answer;
    },
    (error: unknown) => {
      const call = calls.getStore();
      if (call) call.fault = error;
      throw error;
    },
  );
  return acme;
}
