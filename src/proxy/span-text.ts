import type { AttemptSpan } from './attempt-span.ts';
import type { Journey } from './journey.ts';
import { jsonText } from './json-text.ts';
import { redacted } from './log-redaction.ts';
import type { RequestTrace } from './request-trace.ts';

/**
 * Spans as OTLP has them in JSON (opentelemetry-proto 1.x, `trace.proto`), with the attributes of OpenTelemetry's stable semantic
 * conventions for HTTP. Put together by hand for the same reason as lines of the access log: at full speed it is every request.
 */

const kinds = { server: 2, client: 3 } as const;
/** Bits of `flags`: the W3C flag, and that it is known whether the parent is of another process. */
const flags = { sampled: 1, knowsRemote: 0x100, isRemote: 0x200 } as const;
const statusError = 2;

/** Longer texts of strangers are cut. */
const charsMax = 2_048;

/** Others are `_OTHER`, because whoever makes series of it must not be at the mercy of strangers. */
const knownMethods = new Set('CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE QUERY'.split(' '));

/** The request as its client sees it. @param endMs monotonic. */
export function serverSpanText(journey: Journey, trace: RequestTrace, endMs: number): string {
  const { method, target, status, reason, live, requester, client } = journey;
  const route = live?.route.id ?? null;
  const [path, query] = partsOf(redacted(target));
  const { authority } = requester;
  const error = reason ?? (status >= 500 ? String(status) : null);
  const attributes = [
    methodAttributes(method),
    text('url.scheme', client.scheme),
    text('url.path', path),
    text('url.query', query),
    text('server.address', journey.host === '' ? null : journey.host),
    number('server.port', authority === null ? null : (authority.port ?? (client.scheme === 'https' ? 443 : 80))),
    text('http.route', route),
    // 444 is nginx's word for no answer at all.
    number('http.response.status_code', status === 0 || status === 444 ? null : status),
    number('http.response.body.size', journey.responseBytes),
    text('client.address', client.address),
    text('user_agent.original', journey.userAgent ?? null),
    text('network.protocol.name', 'http'),
    text('network.protocol.version', journey.exchange.request.version),
    text('error.type', error),
    text('fairlead.request_id', journey.requestId),
    number('fairlead.tries', journey.tries),
    text('fairlead.cache', journey.cacheWord),
    number('fairlead.wait_ms', journey.waitMs === 0 ? null : Math.round(journey.waitMs)),
  ];
  return spanText({
    trace,
    spanId: trace.spanId,
    parent: trace.parentId,
    kind: 'server',
    name: `${methodName(method)}${route === null ? '' : ` ${route}`}`,
    ...{ startMs: journey.startedMs, endMs },
    attributes,
    // What a client does wrong is no error of a server.
    failed: error !== null && (status >= 500 || status === 0),
  });
}

/** One try on a backend. @param endMs monotonic. */
export function attemptSpanText(span: AttemptSpan, endMs: number): string {
  const { trace, peer, head, status, failure, resends } = span;
  const { host, port, scheme } = peer.address;
  const error = failure ?? (status >= 400 ? String(status) : null);
  const attributes = [
    methodAttributes(head.method),
    text('url.full', `${scheme === 'https' ? 'https' : 'http'}://${peer.shown}${redacted(head.target)}`),
    text('server.address', host),
    number('server.port', port),
    number('http.response.status_code', status === 0 ? null : status),
    number('http.request.resend_count', resends === 0 ? null : resends),
    text('error.type', error),
    text('container.name', peer.container),
    text('container.id', peer.containerId),
  ];
  return spanText({
    trace,
    spanId: span.spanId,
    parent: trace.spanId,
    kind: 'client',
    name: methodName(head.method),
    ...{ startMs: span.startedMs, endMs },
    attributes,
    failed: error !== null,
  });
}

interface SpanAbout {
  readonly trace: RequestTrace;
  readonly spanId: string;
  readonly parent: string | null;
  readonly kind: keyof typeof kinds;
  readonly name: string;
  /** Monotonic. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: readonly string[];
  readonly failed: boolean;
}

function spanText(about: SpanAbout): string {
  const { trace, parent, kind, attributes } = about;
  const isRemote = kind === 'server' && parent !== null;
  const bits = flags.sampled | flags.knowsRemote | (isRemote ? flags.isRemote : 0);
  return `{"traceId":"${trace.traceId}","spanId":"${about.spanId}"${
    parent === null ? '' : `,"parentSpanId":"${parent}"`
  },"flags":${bits},"name":${jsonText(cut(about.name))},"kind":${kinds[kind]},"startTimeUnixNano":"${nanoseconds(
    trace.epochMs + about.startMs,
  )}","endTimeUnixNano":"${nanoseconds(trace.epochMs + about.endMs)}","attributes":[${attributes
    .filter((attribute) => attribute !== '')
    .join(',')}]${about.failed ? `,"status":{"code":${statusError}}` : ''}}`;
}

function text(key: string, value: string | null): string {
  return value === null ? '' : `{"key":"${key}","value":{"stringValue":${jsonText(cut(value))}}}`;
}

/** 64-bit integers are strings in JSON (the mapping of Protocol Buffers). */
function number(key: string, value: number | null): string {
  return value === null ? '' : `{"key":"${key}","value":{"intValue":"${value}"}}`;
}

function methodAttributes(method: string): string {
  if (knownMethods.has(method)) return text('http.request.method', method);
  return `${text('http.request.method', '_OTHER')},${text('http.request.method_original', method)}`;
}

/** As the conventions want it in a name, which has few values. */
function methodName(method: string): string {
  return knownMethods.has(method) ? method : 'HTTP';
}

function partsOf(target: string): readonly [path: string, query: string | null] {
  const at = target.indexOf('?');
  return at < 0 ? [target, null] : [target.slice(0, at), target.slice(at + 1)];
}

function cut(value: string): string {
  return value.length > charsMax ? `${value.slice(0, charsMax)}…` : value;
}

/** Epoch ms as whole nanoseconds, to the microsecond, which is more than a double has left for them. */
function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  const microseconds = Math.floor((ms - whole) * 1_000);
  return `${whole}${String(microseconds).padStart(3, '0')}000`;
}
