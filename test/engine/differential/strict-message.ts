/**
 * A parser of HTTP/1.1 messages that shares nothing with the engines: slow, small, and without mercy. What an engine has
 * written must be readable by it in full; it knows no second way to read anything.
 */

export interface StrictMessage {
  /** Method and target, or status and reason. */
  readonly start: readonly [string, string];
  /** `[name, value]` of each line, in order. */
  readonly fields: readonly (readonly [string, string])[];
  /** How the end of the body is marked. */
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  /** Without the chunks, where there were any. */
  readonly body: string;
  readonly trailers: readonly (readonly [string, string])[];
}

/** A message and where it ends; 'more' = it has not ended; else why it is none. */
export type Reading = { readonly message: StrictMessage; readonly end: number } | 'more' | { readonly fault: string };

const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/1\.1$/;
const statusLine = /^HTTP\/1\.1 ([1-9][0-9]{2}) ([\t\x20-\x7e\x80-\xff]*)$/;
const fieldLine =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ?((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)$/;

export function readRequest(text: string): Reading {
  return readMessage(text, requestLine, () => false);
}

/** @param bodyless by status: whether an answer has no body whatever its head says. */
export function readResponse(text: string, bodyless: (status: number) => boolean, { closed = false } = {}): Reading {
  const reading = readMessage(text, statusLine, (status) => bodyless(Number(status)), 'close');
  if (typeof reading !== 'object' || 'fault' in reading || reading.message.framing !== 'close') return reading;
  return closed ? reading : 'more';
}

function readMessage(
  text: string,
  startLine: RegExp,
  bodyless: (first: string) => boolean,
  unframed: 'none' | 'close' = 'none',
): Reading {
  const headEnd = text.indexOf('\r\n\r\n');
  const head = headEnd < 0 ? text : text.slice(0, headEnd);
  const lines = head.split('\r\n');
  if (headEnd < 0) lines.pop();
  const [first, ...rest] = lines;
  if (first === undefined) return 'more';
  const start = startLine.exec(first);
  if (start === null) return { fault: `start line ${JSON.stringify(first)}` };
  const fields: [string, string][] = [];
  for (const line of rest) {
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return { fault: `field line ${JSON.stringify(line)}` };
    fields.push([name, value]);
  }
  if (headEnd < 0) return 'more';
  const values = (name: string): string[] => fields.filter(([n]) => n.toLowerCase() === name).map(([, v]) => v);
  const about = { start: [start[1] ?? '', start[2] ?? ''] as const, fields };
  const [codings, lengths] = [values('transfer-encoding'), values('content-length')];
  if (codings.length + lengths.length > 1) return { fault: 'more than one framing' };
  if (codings.length === 1 && codings[0] !== 'chunked') return { fault: `coding ${codings[0]}` };
  if (lengths.length === 1 && !/^(0|[1-9][0-9]*)$/.test(lengths[0] as string)) return { fault: `length ${lengths[0]}` };

  const at = headEnd + 4;
  if (bodyless(about.start[0])) return { message: { ...about, framing: 'none', body: '', trailers: [] }, end: at };
  if (codings.length === 1) return readChunks(text, at, about);
  if (lengths.length === 0) {
    const body = unframed === 'close' ? text.slice(at) : '';
    return { message: { ...about, framing: unframed, body, trailers: [] }, end: at + body.length };
  }
  const end = at + Number(lengths[0]);
  if (text.length < end) return 'more';
  return { message: { ...about, framing: 'length', body: text.slice(at, end), trailers: [] }, end };
}

function readChunks(text: string, from: number, about: Pick<StrictMessage, 'start' | 'fields'>): Reading {
  let at = from;
  let body = '';
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return 'more';
    const line = text.slice(at, lineEnd);
    if (!/^(0|[1-9a-f][0-9a-f]*)$/.test(line)) return { fault: `chunk size ${JSON.stringify(line)}` };
    const size = Number.parseInt(line, 16);
    at = lineEnd + 2;
    if (size === 0) return readTrailers(text, at, { ...about, body });
    if (text.length < at + size + 2) return 'more';
    body += text.slice(at, at + size);
    at += size;
    if (!text.startsWith('\r\n', at)) return { fault: 'no line end behind a chunk' };
    at += 2;
  }
}

function readTrailers(text: string, from: number, about: Pick<StrictMessage, 'start' | 'fields' | 'body'>): Reading {
  const trailers: [string, string][] = [];
  for (let at = from; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return 'more';
    const line = text.slice(at, lineEnd);
    at = lineEnd + 2;
    if (line === '') return { message: { ...about, framing: 'chunked', trailers }, end: at };
    const [, name, value] = fieldLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return { fault: `trailer line ${JSON.stringify(line)}` };
    trailers.push([name, value]);
  }
}
