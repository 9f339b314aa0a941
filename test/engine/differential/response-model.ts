import type { Ask } from './generated-responses.ts';

/**
 * What docs/strictness.md says about responses, once more and in another way (see `request-model.ts`): what a client must be
 * given of the bytes that a backend has sent.
 */

export type Fields = readonly (readonly [string, string])[];

export interface ModelResponse {
  readonly status: number;
  readonly fields: Fields;
  readonly body: string;
  readonly trailers: Fields;
}

export interface ResponseVerdict {
  /** whole: the answer reaches the client. refused: the proxy answers by itself. cut: it begins, and visibly does not end. */
  readonly kind: 'whole' | 'refused' | 'cut';
  readonly interims: readonly ModelResponse[];
  /** Null where there is no head that could be passed on. */
  readonly final: ModelResponse | null;
  /** The connection may serve another request. */
  readonly kept: boolean;
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const fieldLine = new RegExp(`^(${token}):[\\t ]*((?:[\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?)[\\t ]*$`);
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const sizeLine = new RegExp(`^([0-9a-fA-F]{1,13})((?:;${token}(?:=(?:${token}|${quoted}))?)*)$`);
const misleadingTrailer = /^(?:content[-_]length|transfer[-_]encoding)$/i;
const interimMax = 32;

export const methodOf = (ask: Ask): string => (ask === 'HEAD' ? 'HEAD' : ask.includes('POST') ? 'POST' : 'GET');

const valuesOf = (fields: Fields, wanted: string): string[] =>
  fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);

/** @param finish how the connection ends behind the bytes; the proxy is always told of an end in the end. */
export function readAnswer(bytes: string, ask: Ask, finish: 'waits' | 'ends' | 'resets'): ResponseVerdict {
  const interims: ModelResponse[] = [];
  const refused: ResponseVerdict = { kind: 'refused', interims, final: null, kept: false };
  for (let at = 0; ; ) {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd < 0) return refused;
    const head = readHead(bytes.slice(at, headEnd), methodOf(ask));
    if (head === null || head.status === 101) return refused;
    at = headEnd + 4;
    if (head.status < 200) {
      if (!head.persistent) return refused;
      interims.push({ status: head.status, fields: head.fields, body: '', trailers: [] });
      if (interims.length > interimMax) return refused;
      continue;
    }
    const { status, fields } = head;
    const body = readBody(bytes, at, head.length, finish);
    const final = { status, fields, body: body?.text ?? '', trailers: body?.trailers ?? [] };
    if (body === null) return { kind: 'cut', interims, final, kept: false };
    const kept = head.persistent && body.end === bytes.length && head.length !== 'close';
    return { kind: 'whole', interims, final, kept };
  }
}

interface Head {
  readonly status: number;
  readonly fields: Fields;
  readonly length: number | 'chunked' | 'close';
  readonly persistent: boolean;
}

function readHead(text: string, method: string): Head | null {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, digits] = statusLine.exec(first) ?? [];
  if (digits === undefined || lines.length > 128) return null;
  const fields: [string, string][] = [];
  for (const line of lines) {
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return null;
    fields.push([name, value]);
  }
  const status = Number(digits);
  const [lengths, codings] = [valuesOf(fields, 'content-length'), valuesOf(fields, 'transfer-encoding')];
  if (lengths.length + codings.length > 1) return null;
  if (lengths.length === 1 && !/^[0-9]{1,15}$/.test(lengths[0] as string)) return null;
  if (codings.length === 1 && (codings[0]?.toLowerCase() !== 'chunked' || minor === '0')) return null;
  const said = codings.length === 1 ? 'chunked' : lengths.length === 1 ? Number(lengths[0]) : 'close';
  const options = valuesOf(fields, 'connection')
    .join(',')
    .toLowerCase()
    .split(/[\t ]*,[\t ]*/);
  const persistent = !options.includes('close') && (minor === '1' || options.includes('keep-alive'));
  const never = status < 200 || status === 204;
  if (never && method !== 'HEAD' && said !== 'close' && said !== 0) return null;
  const length = never || method === 'HEAD' || status === 304 ? 0 : said;
  return { status, fields, length, persistent };
}

interface Body {
  readonly text: string;
  readonly trailers: Fields;
  readonly end: number;
}

/** Null where it is cut, or cannot be read. */
function readBody(bytes: string, at: number, length: Head['length'], finish: string): Body | null {
  if (length === 'chunked') return readChunks(bytes, at);
  if (length === 'close')
    return finish === 'resets' ? null : { text: bytes.slice(at), trailers: [], end: bytes.length };
  return bytes.length < at + length ? null : { text: bytes.slice(at, at + length), trailers: [], end: at + length };
}

function readChunks(bytes: string, from: number): Body | null {
  let at = from;
  let text = '';
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const [, digits] = lineEnd < 0 ? [] : (sizeLine.exec(bytes.slice(at, lineEnd)) ?? []);
    if (digits === undefined) return null;
    at = lineEnd + 2;
    const size = Number.parseInt(digits, 16);
    if (size === 0) break;
    if (bytes.slice(at + size, at + size + 2) !== '\r\n') return null;
    text += bytes.slice(at, at + size);
    at += size + 2;
  }
  const trailers: [string, string][] = [];
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const line = bytes.slice(at, lineEnd);
    at = lineEnd + 2;
    if (line === '') return { text, trailers, end: at };
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined || misleadingTrailer.test(name)) return null;
    trailers.push([name, value]);
  }
}
