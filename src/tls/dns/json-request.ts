import type { Clock } from '../../base/clock.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import { dnsFailure, foreignText } from './dns-failure.ts';

/** For the whole of one answer. */
const answerMsMax = 30_000;
const answerBytesMax = 1024 * 1024;

export interface JsonRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  /** Credentials are in here, so they are never told. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface JsonAnswer {
  readonly status: number;
  /** null where the body is none. */
  readonly json: unknown;
  /** The body, for people: one line, cut. */
  readonly text: string;
  /** Epoch ms (RFC 9110 §10.2.3); null = the server did not say. */
  readonly retryAfterMs: number | null;
}

/**
 * One request to an API; what status the answer has is the caller's business. Redirects are not followed: credentials belong to
 * the host that was named.
 *
 * @throws AcmeFailure without an answer; the signal's reason when that aborts.
 */
export async function requestJson(
  request: JsonRequest,
  about: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<JsonAnswer> {
  const { clock, signal } = about;
  signal.throwIfAborted();
  const late = new AbortController();
  const timer = clock.setTimeout(() => late.abort(new Error(`no answer within ${answerMsMax / 1_000} s`)), answerMsMax);
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { ...request.headers, accept: 'application/json', 'content-type': 'application/json' },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      redirect: 'manual',
      signal: AbortSignal.any([signal, late.signal]),
    });
    const text = await boundedText(response);
    return {
      status: response.status,
      json: parsed(text),
      text: foreignText(text),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after') ?? '', clock.now()),
    };
  } catch (cause) {
    signal.throwIfAborted();
    throw dnsFailure(`${new URL(request.url).host} does not answer: ${reasonOf(cause)}`, { cause });
  } finally {
    timer.cancel();
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error(`an answer of more than ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What fetch says is "fetch failed"; why, its cause says. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  return foreignText(inner instanceof Error ? inner.message : message);
}
