import { STATUS_CODES } from 'node:http';
import { failureKind, type Reason } from './failure.ts';
import type { ResponseHead } from './head.ts';
import { FlatHeaderList } from './header-list.ts';

export interface OwnAnswer {
  readonly head: ResponseHead;
  readonly body: Uint8Array;
}

/** What one answer has otherwise than the failure table says. */
export interface FailureVariant {
  readonly status?: number;
  /** Header fields on top of the usual ones, or in their place. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** An answer of the proxy itself to a failed request: JSON, or HTML where the client prefers it (contract §5). */
export function failureAnswer(
  reason: Reason,
  about: { requestId: string; accept: string | undefined; nowMs: number },
  { status = failureKind(reason).status, fields = {} }: FailureVariant = {},
): OwnAnswer {
  const kind = failureKind(reason);
  const { type, body } = builtInPage({ status, reason, title: kind.title, advice: kind.advice }, about);
  const headers = ownHeaders(about.requestId, about.nowMs);
  headers.append('Proxy-Status', `fairlead; error=${kind.type}; details=${reason}`);
  if ('retryAfterSeconds' in kind) headers.append('Retry-After', String(kind.retryAfterSeconds));
  headers.append('Cache-Control', 'no-store');
  headers.append('Content-Type', type);
  headers.append('Content-Length', String(body.length));
  for (const [name, value] of Object.entries(fields)) headers.set(name, value);
  return { head: { status, reason: '', headers, bodyLength: body.length }, body };
}

/** What a failure is told by, before it has a head. */
export interface Page {
  /** Of `Content-Type`. */
  readonly type: string;
  readonly body: Uint8Array;
}

/** The page of the proxy itself: JSON, or HTML where the client prefers it. `reason` is one word. */
export function builtInPage(
  words: { readonly status: number; readonly reason: string; readonly title: string; readonly advice: string },
  about: { readonly requestId: string; readonly accept: string | undefined },
): Page {
  const { status, reason, title, advice } = words;
  const { requestId } = about;
  const error = STATUS_CODES[status] ?? title;
  if (prefersHtml(about.accept))
    return {
      type: 'text/html; charset=utf-8',
      body: Buffer.from(page(`${status} ${error}`, title, advice, reason, requestId)),
    };
  const json = { status, error, reason, message: title, advice, requestId };
  return { type: 'application/json; charset=utf-8', body: Buffer.from(`${JSON.stringify(json)}\n`) };
}

/** A redirect of the proxy itself; `location` has been filled in and encoded. */
export function redirectAnswer(
  status: number,
  location: string,
  about: { requestId: string; nowMs: number },
): OwnAnswer {
  const headers = ownHeaders(about.requestId, about.nowMs);
  headers.append('Location', location);
  headers.append('Content-Length', '0');
  return { head: { status, reason: '', headers, bodyLength: 0 }, body: new Uint8Array(0) };
}

/** 204, without Content-Length (RFC 9110 §8.6). */
export function noContentAnswer(about: { requestId: string; nowMs: number }): OwnAnswer {
  const head = { status: 204, reason: '', headers: ownHeaders(about.requestId, about.nowMs), bodyLength: 0 };
  return { head, body: new Uint8Array(0) };
}

/** Bytes for a machine. */
export function bytesAnswer(body: Uint8Array, about: { requestId: string; nowMs: number }): OwnAnswer {
  const headers = ownHeaders(about.requestId, about.nowMs);
  headers.append('Content-Type', 'application/octet-stream');
  headers.append('Content-Length', String(body.length));
  return { head: { status: 200, reason: '', headers, bodyLength: body.length }, body };
}

function ownHeaders(requestId: string, nowMs: number): FlatHeaderList {
  return FlatHeaderList.of({ Date: new Date(nowMs).toUTCString(), 'X-Request-Id': requestId });
}

/** Browsers name text/html before anything else; curl and API clients do not name it at all. */
function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const html = accept.indexOf('text/html');
  const json = accept.indexOf('application/json');
  return html >= 0 && (json < 0 || html < json);
}

/** No value in it comes from the request or from a label, but they are escaped all the same. */
function page(heading: string, title: string, advice: string, reason: string, requestId: string): string {
  const [h, t, r, id] = [heading, title, reason, requestId].map(escapeHtml);
  // The visitor's part in full, that of the administrators in small print.
  const [said = '', forAdministrators] = advice.split(/ ?Administrators: /).map(withCode);
  const a = said === '' ? '' : `<p>${said}</p>`;
  const small = forAdministrators === undefined ? '' : `<p><small>For administrators: ${forAdministrators}</small></p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${h}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#222;background:#fff}
h1{font-size:1.4rem}p{margin:.6rem 0}small{color:#666}code{font:.9em ui-monospace,monospace}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}small{color:#999}}</style></head>
<body><h1>${t}</h1>${a}${small}<p><small>${h} · <code>${r}</code> · request <code>${id}</code></small></p></body></html>
`;
}

/** What stands between backticks as code. */
function withCode(text: string): string {
  return escapeHtml(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
