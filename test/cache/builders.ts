import type { CacheRequest } from '../../src/cache/cache-request.ts';
import { type Stored, toStored } from '../../src/cache/stored.ts';
import { keepingOf, type NotKept, type Times } from '../../src/cache/storing.ts';
import type { RequestHead, ResponseHead } from '../../src/http/head.ts';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import type { CachePolicy } from '../../src/routing/table.ts';

export const nowMs = 1_800_000_000_000;
export const httpDate = (offsetSeconds = 0): string => new Date(nowMs + offsetSeconds * 1000).toUTCString();

type Fields = Readonly<Record<string, string>> | readonly string[];

export function fieldList(fields: Fields = {}): FlatHeaderList {
  return Array.isArray(fields)
    ? new FlatHeaderList(fields.slice())
    : FlatHeaderList.of(fields as Readonly<Record<string, string>>);
}

export function aPolicy(about: Partial<CachePolicy> = {}): CachePolicy {
  return {
    assetsOnly: false,
    ttlMs: null,
    force: false,
    staleIfErrorMs: 86_400_000,
    staleWhileRevalidateMs: 0,
    statuses: [200, 301, 404].map((status) => ({ from: status, to: status })),
    methods: ['GET', 'HEAD'],
    key: null,
    bypass: [],
    identityHeaders: [],
    bodyBytesMax: null,
    browserMs: null,
    ...about,
  };
}

export function aRequest(fields: Fields = {}, about: Partial<CacheRequest> = {}): CacheRequest {
  return {
    method: 'GET',
    headers: fieldList(fields),
    key: 'http://app.test/',
    route: 'app.test/',
    host: 'app.test',
    path: '/',
    policy: aPolicy(),
    ...about,
  };
}

export function aHead(fields: Fields = {}, status = 200): ResponseHead {
  return { status, reason: '', headers: fieldList(fields), bodyLength: null };
}

export function aRequestHead(about: Partial<RequestHead> = {}): RequestHead {
  return {
    method: 'GET',
    target: '/',
    version: '1.1',
    authority: 'app.test',
    headers: fieldList(),
    bodyLength: 0,
    upgrade: null,
    ...about,
  };
}

export const atNow: Times = { requestMs: nowMs, responseMs: nowMs };

/** What is kept of an answer; fails where it is not. */
export function keep(head: ResponseHead, request = aRequest(), times = atNow): Stored {
  const keeping = keepingOf(request, head, request.policy, times);
  if (typeof keeping === 'string') throw new Error(`not kept: ${keeping}`);
  return toStored(request, head, keeping, times);
}

export function whyNotKept(head: ResponseHead, request = aRequest()): NotKept | null {
  const keeping = keepingOf(request, head, request.policy, atNow);
  return typeof keeping === 'string' ? keeping : null;
}
