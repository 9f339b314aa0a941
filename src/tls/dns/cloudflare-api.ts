import type { Clock } from '../../base/clock.ts';
import { dnsFailure, foreignText } from './dns-failure.ts';
import { type JsonAnswer, type JsonRequest, requestJson } from './json-request.ts';

export interface CloudflareAccess {
  readonly token: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly clock: Clock;
}

export interface CloudflareCall {
  readonly method: JsonRequest['method'];
  /** From the base on, with the query. */
  readonly path: string;
  readonly body?: unknown;
  /** For a failure: what Cloudflare refused, such as `to delete a record`. */
  readonly doing: string;
  /** Error codes that are as good as success; `items` is empty then. */
  readonly expects?: readonly number[];
}

/** What of a result is of use to us: one item or a list of them. */
export interface CloudflareItem {
  readonly id: string;
  /** '' where there is none. */
  readonly content: string;
}

export interface CloudflareApi {
  /** @throws AcmeFailure; the signal's reason when that aborts. */
  call(call: CloudflareCall, signal: AbortSignal): Promise<{ readonly items: readonly CloudflareItem[] }>;
}

/** Cloudflare's API v4, as far as it is the same for all requests. The token goes into no failure. */
export function cloudflareApi({ token, baseUrl, clock }: CloudflareAccess): CloudflareApi {
  return {
    async call({ method, path, body, doing, expects = [] }, signal) {
      const request = { method, url: baseUrl + path, headers: { authorization: `Bearer ${token}` }, body };
      const answer = await requestJson(request, { clock, signal });
      const { success, errors, result } = envelopeOf(answer.json);
      if (success && answer.status < 300) return { items: itemsOf(result) };
      if (errors.some(({ code }) => expects.includes(code))) return { items: [] };
      throw dnsFailure(refusalText(answer, errors, doing).replaceAll(token, '…'), {
        retryAfterMs: answer.retryAfterMs,
      });
    },
  };
}

interface CloudflareError {
  readonly code: number;
  readonly message: string;
}

/** Of answers to a bad token: `Invalid request headers`, `Invalid access token`, `Authentication error`. */
const tokenErrors: readonly number[] = [6_003, 9_109, 10_000];

function refusalText(answer: JsonAnswer, errors: readonly CloudflareError[], doing: string): string {
  const said = errors.map(({ code, message }) => `${message} (${code})`).join('; ') || answer.text || 'no reason given';
  const refused = `Cloudflare refuses ${doing}: ${said}`;
  if (answer.status === 429) return `Cloudflare is asked too often (429) ${doing}: ${said}`;
  if (answer.status >= 500) return `Cloudflare failed (${answer.status}) ${doing}: ${said}`;
  if (answer.status === 401 || answer.status === 403 || errors.some(({ code }) => tokenErrors.includes(code)))
    return `${refused}. Check the token: it needs the permissions Zone:Read and DNS:Edit, and an API token is no global API key`;
  return refused;
}

function envelopeOf(json: unknown): { success: boolean; errors: readonly CloudflareError[]; result: unknown } {
  const { success, errors, result } = (json ?? {}) as Record<string, unknown>;
  const told = Array.isArray(errors) ? errors.slice(0, 5) : [];
  return {
    success: success === true,
    errors: told.map((error: unknown) => {
      const { code, message } = (error ?? {}) as Record<string, unknown>;
      return { code: Number(code), message: foreignText(String(message)) };
    }),
    result,
  };
}

function itemsOf(result: unknown): readonly CloudflareItem[] {
  return [result].flat().flatMap((item: unknown) => {
    const { id, content } = (item ?? {}) as Record<string, unknown>;
    // It becomes part of a path.
    if (typeof id !== 'string' || !/^[\w-]+$/.test(id)) return [];
    return [{ id, content: typeof content === 'string' ? content : '' }];
  });
}
