import { isIP } from 'node:net';
import { plainAddress } from '../engine/client-address.ts';
import { parseRequestHead } from '../engine/h1/request-head.ts';
import { readAuthority } from '../http/authority.ts';
import type { Reason } from '../http/failure.ts';
import { TrustedNetworks } from '../http/forwarded.ts';
import type { RequestHead } from '../http/head.ts';
import { FlatHeaderList } from '../http/header-list.ts';
import type { Client } from '../http/transport.ts';
import { isHeaderName } from '../labels/header-text.ts';
import { Requester } from '../proxy/requester.ts';
import { type Question, readQuestionUrl } from '../routing/question.ts';
import type { AdminSettings } from './admin-context.ts';

/** A request that somebody wonders about, read as the data plane would read it. */
export interface AskedRequest {
  readonly url: string;
  /** Of the URL: what a client would look up and, over TLS, name in its handshake. Lower case. */
  readonly urlHost: string;
  /** The URL says https. */
  readonly secure: boolean;
  readonly question: Question;
  /** Null = it is refused before anybody asks which route it is for. */
  readonly read: ReadRequest | null;
  /** Why it is refused, and which header is at fault, if one is; null where it is not. */
  readonly refusal: { readonly reason: Reason; readonly header: string | null } | null;
}

/** The head, and whose it is. */
export interface ReadRequest {
  readonly head: RequestHead;
  readonly client: Client;
  readonly requester: Requester;
}

export type ReadingSettings = Pick<AdminSettings, 'trusted' | 'headBytesMax' | 'uriBytesMax' | 'fieldLinesMax'>;

type Line = readonly [name: string, value: string];

const headersMax = 50;
const urlCharsMax = 8_192;

/** The request that is asked about, or what is wrong with the question, in one sentence. */
export function readAsked(query: URLSearchParams, settings: ReadingSettings): AskedRequest | string {
  const url = query.get('url') ?? '';
  if (url.trim() === '') return '`url` is needed, such as /explain?url=http://app.example.com/path';
  if (url.length > urlCharsMax) return `\`url\` is longer than ${urlCharsMax} characters`;
  const place = readQuestionUrl(url);
  if (place === null) return `\`url\` has no host in it; it looks like http://app.example.com/path`;
  const method = (query.get('method') || 'GET').toUpperCase();
  if (!/^[!#$%&'*+.^_`|~\w-]{1,32}$/.test(method)) return '`method` is a word such as GET or POST';
  const address = plainAddress(query.get('ip') || '127.0.0.1');
  if (isIP(address) === 0) return '`ip` is the address of the client, such as 203.0.113.7';
  const lines = readHeaders(query.getAll('header'));
  if (typeof lines === 'string') return lines;

  // As curl has it: a Host that is given stands in the place of the one in the URL.
  const hosts = lines.filter(([name]) => name.toLowerCase() === 'host');
  const authority = hosts[0]?.[1] ?? place.authority;
  const all: readonly Line[] = hosts.length > 0 ? lines : [['Host', authority], ...lines];
  const secure = place.scheme === 'https';
  const asked = { method, target: place.target, secure };
  const head = readHead(asked, all, settings);
  const urlHost = readAuthority(place.authority)?.host ?? '';
  const headers = new FlatHeaderList(lines.flat());
  const question = { ...place, authority, method, headers, clientAddress: address };
  if (typeof head === 'string') {
    const refusal = { reason: head, header: faultOf(asked, all, settings) };
    return { url, urlHost, secure, question, read: null, refusal };
  }
  const port = readAuthority(authority)?.port ?? (secure ? 443 : 80);
  const client: Client = { address, port: 0, localPort: port, secure };
  const requester = new Requester(client, head, new TrustedNetworks(settings.trusted));
  const { identity } = requester;
  return {
    ...{ url, urlHost, secure, refusal: null },
    question: { ...question, headers: head.headers.clone(), clientAddress: identity.address, scheme: identity.scheme },
    read: { head, client, requester },
  };
}

/** By the reader that reads what clients send. */
function readHead(
  { method, target, secure }: { readonly method: string; readonly target: string; readonly secure: boolean },
  lines: readonly Line[],
  settings: ReadingSettings,
): RequestHead | Reason {
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  // A head is bytes; who types letters beyond ASCII means their UTF-8.
  const bytes = Buffer.from(`${method} ${target} HTTP/1.1\r\n${fields}\r\n`);
  if (bytes.length > settings.headBytesMax) return 'headers-too-large';
  return parseRequestHead(bytes, 0, bytes.toString('latin1'), settings, { secure });
}

/** The one header without which the head could be read; null where there is none. */
function faultOf(
  asked: Parameters<typeof readHead>[0],
  lines: readonly Line[],
  settings: ReadingSettings,
): string | null {
  for (const line of lines) {
    const others = lines.filter((other) => other !== line);
    if (typeof readHead(asked, others, settings) !== 'string') return line[0];
  }
  const [host] = lines.filter(([name]) => name.toLowerCase() === 'host');
  if (host === undefined) return null;
  const others = lines.filter(([name]) => name.toLowerCase() !== 'host');
  const named = typeof readHead(asked, [['Host', 'host.invalid'], ...others], settings) !== 'string';
  return named ? host[0] : null;
}

function readHeaders(given: readonly string[]): readonly Line[] | string {
  const lines = given.filter((line) => line.trim() !== '');
  if (lines.length > headersMax) return `at most ${headersMax} headers can be asked about at once`;
  const read: Line[] = [];
  for (const line of lines) {
    const [, name = '', value = ''] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/s.exec(line) ?? [];
    if (!isHeaderName(name) || /[\r\n\0]/.test(value)) return '`header` is written as `Name: value`';
    read.push([name, value]);
  }
  return read;
}
