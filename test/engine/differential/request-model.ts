import { readAuthority } from '../../../src/http/authority.ts';
import { readTarget } from '../../../src/http/target.ts';
import { isTunnelProtocol } from '../../../src/http/tunnel-protocol.ts';

/**
 * What docs/strictness.md says about requests, once more and in another way: by regular expressions over everything that a
 * client has sent, without any regard to speed. Our codec must agree with it in both directions.
 */

export interface ModelRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface Verdict {
  /** Requests that the backend must see whole, in order. */
  readonly forwarded: readonly ModelRequest[];
  /** Of all requests that could be read, also of those that the proxy answers by itself. */
  readonly methods: readonly string[];
  /** From this one of them on it depends on when the bytes came, because they follow an offer to upgrade. */
  readonly certain: number;
  /**
   * refused: what follows is answered with an error, and the connection ends. closed: it ends by agreement. waits: the
   * client may go on. head: half a head, which may be refused already or not.
   */
  readonly end: 'refused' | 'closed' | 'waits' | 'head';
}

export const headBytesMax = 32 * 1024;
const fieldLinesMax = 128;
/** Of a body that nobody wants; see `discardBytesMax` of the engines. */
const discardBytesMax = 64 * 1024;

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Z]{1,32}) ([\x21\x22\x24-\x7e]+) HTTP\/1\.([01])$/;
const fieldLine = new RegExp(`^(${token}):[\\t ]*((?:[\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?)[\\t ]*$`);
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const sizeLine = new RegExp(`^([0-9a-fA-F]{1,13})((?:;${token}(?:=(?:${token}|${quoted}))?)*)$`);
const misleadingTrailer = /^(?:content[-_]length|transfer[-_]encoding)$/i;

type Fields = readonly (readonly [string, string])[];

const valuesOf = (fields: Fields, wanted: string): string[] =>
  fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);

const listOf = (fields: Fields, wanted: string): string[] =>
  valuesOf(fields, wanted)
    .join(',')
    .toLowerCase()
    .split(',')
    .map((item) => item.replace(/^[\t ]+|[\t ]+$/g, ''));

export function readPipeline(bytes: string): Verdict {
  const forwarded: ModelRequest[] = [];
  const methods: string[] = [];
  let certain = Infinity;
  let at = 0;
  const verdict = (end: Verdict['end']): Verdict => ({ forwarded, methods, certain, end });
  for (;;) {
    if (bytes.startsWith('\r\n', at)) at += 2;
    if (at === bytes.length) return verdict('waits');
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd < 0) return verdict('head');
    const head = readHead(bytes.slice(at, headEnd + 2));
    if (head === null) return verdict('refused');
    methods.push(head.method);
    const body = readBody(bytes, headEnd + 4, head);
    // Such a target is answered with 400 by the proxy itself, and what follows is looked at where its body can be skipped.
    const isForwarded = readTarget(head.target) !== null && head.host !== null;
    const skippable = head.length !== null && head.length <= discardBytesMax && !(head.expects && head.length > 0);
    if (!isForwarded && !(skippable && head.persistent)) return verdict('closed');
    if (body === 'bad') return verdict('refused');
    if (body === 'more') return verdict('waits');
    if (isForwarded) forwarded.push({ ...head, body: body.text });
    if (!head.persistent) return verdict('closed');
    if (head.upgrades) certain = Math.min(certain, forwarded.length);
    at = body.end;
  }
}

interface Head {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  readonly host: string | null;
  /** Of the body; null = chunked. */
  readonly length: number | null;
  readonly persistent: boolean;
  readonly expects: boolean;
  readonly upgrades: boolean;
}

/** Null where it is refused. */
function readHead(text: string): Head | null {
  const [first = '', ...lines] = text.slice(0, -2).split('\r\n');
  if (text.length + 2 > headBytesMax || lines.length > fieldLinesMax) return null;
  const [, method, uri, minor] = requestLine.exec(first) ?? [];
  if (method === undefined || uri === undefined || method === 'CONNECT' || method === 'TRACE') return null;
  const fields: [string, string][] = [];
  for (const line of lines) {
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return null;
    fields.push([name, value]);
  }
  const hosts = valuesOf(fields, 'host');
  const isOld = minor === '0';
  if (hosts.length > 1 || (hosts.length === 0 && !isOld)) return null;
  if (hosts.length === 1 && readAuthority(hosts[0] as string) === null) return null;
  const target = reduceTarget(uri, method, hosts[0]);
  const length = readLength(fields, isOld);
  const expectations = valuesOf(fields, 'expect');
  if (target === null || length === 'bad') return null;
  if (expectations.length > 1 || expectations.some((value) => value.toLowerCase() !== '100-continue')) return null;
  const options = listOf(fields, 'connection');
  const upgrade = valuesOf(fields, 'upgrade').join(', ').toLowerCase();
  return {
    ...{ method, target, fields, host: hosts[0] ?? null, length },
    persistent: !options.includes('close') && (!isOld || options.includes('keep-alive')),
    expects: !isOld && expectations.length > 0,
    upgrades: !isOld && options.includes('upgrade') && length === 0 && isTunnelProtocol(upgrade),
  };
}

function reduceTarget(uri: string, method: string, host: string | undefined): string | null {
  if (uri.startsWith('/')) return uri;
  if (uri === '*') return method === 'OPTIONS' ? uri : null;
  const [, authority, path = '', query = ''] = /^http:\/\/([^/?]+)(\/[^?]*)?(\?.*)?$/i.exec(uri) ?? [];
  if (authority === undefined || authority.toLowerCase() !== host?.toLowerCase()) return null;
  // RFC 9112 §3.2.4.
  if (method === 'OPTIONS' && path + query === '') return '*';
  return (path || '/') + query;
}

function readLength(fields: Fields, isOld: boolean): number | null | 'bad' {
  const [lengths, codings] = [valuesOf(fields, 'content-length'), valuesOf(fields, 'transfer-encoding')];
  if (lengths.length + codings.length > 1) return 'bad';
  if (codings.length === 1) return codings[0]?.toLowerCase() === 'chunked' && !isOld ? null : 'bad';
  if (lengths.length === 0) return 0;
  return /^[0-9]{1,15}$/.test(lengths[0] as string) ? Number(lengths[0]) : 'bad';
}

type Body = { readonly text: string; readonly end: number } | 'more' | 'bad';

function readBody(bytes: string, at: number, { length }: Head): Body {
  if (length === null) return readChunks(bytes, at);
  return bytes.length < at + length ? 'more' : { text: bytes.slice(at, at + length), end: at + length };
}

function readChunks(bytes: string, from: number): Body {
  let at = from;
  let text = '';
  let extensionBytes = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    // Half a line may be told to be none already.
    if (lineEnd < 0) return couldBeLine(bytes.slice(at)) ? 'more' : 'bad';
    const [, digits, extensions = ''] = sizeLine.exec(bytes.slice(at, lineEnd)) ?? [];
    extensionBytes += Math.max(0, extensions.length - 1);
    if (digits === undefined || extensionBytes > 1024) return 'bad';
    at = lineEnd + 2;
    const size = Number.parseInt(digits, 16);
    if (size === 0) return readTrailers(bytes, at, text);
    const rest = bytes.slice(at + size, at + size + 2);
    if (!'\r\n'.startsWith(rest)) return 'bad';
    if (rest.length < 2) return 'more';
    text += bytes.slice(at, at + size);
    at += size + 2;
  }
}

function couldBeLine(line: string): boolean {
  return (
    line === '' ||
    /^[0-9a-fA-F]{1,13}(?:\r|;[^\r]*)?$/.test(line) ||
    (/^[^\r]*\r$/.test(line) && sizeLine.test(line.slice(0, -1)))
  );
}

function readTrailers(bytes: string, from: number, text: string): Body {
  const end = bytes.startsWith('\r\n', from) ? from : bytes.indexOf('\r\n\r\n', from) + 2;
  const section = bytes.slice(from, end < from ? undefined : end);
  if (/(?:^|[^\r])\n/.test(section) || section.length > 8 * 1024) return 'bad';
  if (end < from) return 'more';
  const lines = section.split('\r\n').slice(0, -1);
  for (const line of lines) {
    const [, name] = fieldLine.exec(line) ?? [];
    if (name === undefined || misleadingTrailer.test(name)) return 'bad';
  }
  return { text, end: end + 2 };
}
