import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { request as secureRequest, Agent as TlsAgent } from 'node:https';
import { retryAfterMs } from '../http/retry-after.ts';

/** For the whole of one answer, as OpenTelemetry's own exporters have it. */
const answerMsMax = 10_000;
const answerBytesMax = 64 * 1024;

/** Where spans go, and what opens it. Never leaves the control plane. */
export interface Collector {
  /** http: or https:, with path. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** PEM; null = the usual authorities. */
  readonly caPem: string | null;
}

/** What became of one request (OTLP specification, "OTLP/HTTP Response"). */
export type SendOutcome =
  /** `rejected`: spans that it did not want. */
  | { readonly kind: 'taken'; readonly rejected: number; readonly why: string }
  /** It will never take these. */
  | { readonly kind: 'refused'; readonly why: string }
  /** To be tried again, at the earliest after `pauseMs`. */
  | { readonly kind: 'later'; readonly why: string; readonly pauseMs: number };

/** Sends batches as `SpanRelay.relay` has them. Never rejects. */
export type SendSpans = (batches: readonly Uint8Array[]) => Promise<SendOutcome>;

/** The only answers that OTLP has tried again. */
const temporary = new Set([429, 502, 503, 504]);

/**
 * OTLP over HTTP, in JSON (opentelemetry-proto, "OTLP/HTTP"): `POST` of an ExportTraceServiceRequest.
 *
 * @param resource attributes of the proxy itself.
 */
export function otlpClient(
  collector: Collector,
  resource: Readonly<Record<string, string>>,
  now: () => number,
): SendSpans {
  const url = new URL(collector.url);
  const secure = url.protocol === 'https:';
  const agent = secure
    ? new TlsAgent({ keepAlive: true, maxSockets: 1, ...(collector.caPem === null ? {} : { ca: collector.caPem }) })
    : new PlainAgent({ keepAlive: true, maxSockets: 1 });
  const [before, after] = envelope(resource);
  const headers = { ...collector.headers, 'content-type': 'application/json', 'user-agent': 'fairlead' };
  return (batches) => {
    // The first comma stands in front of the first span.
    const [first = new Uint8Array(), ...others] = batches;
    const body = Buffer.concat([before, first.subarray(1), ...others, after]);
    return new Promise((resolve) => {
      const later = (why: string) => resolve({ kind: 'later', why, pauseMs: 0 });
      const options = { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } };
      const asked = secure ? secureRequest(url, options) : plainRequest(url, options);
      const timer = setTimeout(
        () => asked.destroy(new Error(`no answer within ${answerMsMax / 1_000} s`)),
        answerMsMax,
      );
      timer.unref();
      asked.on('error', (error: NodeJS.ErrnoException) => later(error.code ?? error.message));
      let isAnswered = false;
      asked.on('close', () => {
        clearTimeout(timer);
        if (!isAnswered) later('the connection was closed without an answer');
      });
      asked.on('response', (response) => {
        isAnswered = true;
        void textOf(response).then(
          (text) => resolve(outcomeOf(response, text, now())),
          (error: Error) => {
            asked.destroy();
            later(error.message);
          },
        );
      });
      asked.end(body);
    });
  };
}

function outcomeOf(response: IncomingMessage, text: string, nowMs: number): SendOutcome {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return { kind: 'taken', ...rejection(text) };
  const why = `it answers with ${status}`;
  if (!temporary.has(status)) return { kind: 'refused', why };
  const againMs = retryAfterMs(response.headers['retry-after'] ?? '', nowMs) ?? nowMs;
  return { kind: 'later', why, pauseMs: againMs - nowMs };
}

/** `{"partialSuccess":{"rejectedSpans":"5","errorMessage":"…"}}`; an empty answer, or one in another form, rejects nothing. */
function rejection(text: string): { readonly rejected: number; readonly why: string } {
  try {
    const partial = (JSON.parse(text) as { partialSuccess?: { rejectedSpans?: unknown; errorMessage?: unknown } })
      .partialSuccess;
    const rejected = Number(partial?.rejectedSpans ?? 0);
    const why = String(partial?.errorMessage ?? '')
      .replace(/[^ -~]/g, ' ')
      .slice(0, 200);
    return { rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0, why };
  } catch {
    return { rejected: 0, why: '' };
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('latin1');
  for await (const chunk of response) {
    text += chunk;
    if (text.length > answerBytesMax) throw new Error(`an answer of more than ${answerBytesMax} bytes`);
  }
  return text;
}

/** What stands in front of the spans and behind them. */
function envelope(resource: Readonly<Record<string, string>>): readonly [Buffer, Buffer] {
  const attributes = Object.entries(resource).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const scope = { name: 'fairlead', version: resource['service.version'] };
  const whole = JSON.stringify({
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope, spans: [] }] }],
  });
  const at = whole.lastIndexOf(']}]}]}');
  return [Buffer.from(whole.slice(0, at)), Buffer.from(whole.slice(at))];
}
