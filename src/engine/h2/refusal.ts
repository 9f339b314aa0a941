import type { ServerHttp2Stream } from 'node:http2';
import type { ProxyFailure } from '../../http/failure.ts';
import type { Refusal } from '../../http/transport.ts';
import { cutStream } from './cut-stream.ts';
import { endEarly } from './early-end.ts';
import { isBodyless, responseFields } from './response-fields.ts';
import { sendHead } from './send-head.ts';
import { StreamSink } from './stream-sink.ts';

/** Answers in the engine's name and closes the stream; its client has `stallMs` to take that. */
export function refuse(
  stream: ServerHttp2Stream,
  failure: ProxyFailure,
  about: {
    readonly refusal: Refusal;
    readonly accept: string | undefined;
    readonly method: string;
    readonly stallMs: number;
  },
): void {
  if (stream.closed || stream.destroyed || stream.headersSent) return;
  const { head, body } = about.refusal(failure, { accept: about.accept });
  const bodyless = isBodyless(head, about.method);
  const fields = responseFields({ ...head, bodyLength: body.length }, { bodyless });
  sendHead(stream, fields, { endStream: bodyless, waitForTrailers: false });
  const sink = new StreamSink(stream, bodyless ? 'bodyless' : body.length, about.stallMs, {
    onSent: () => endEarly(stream, about.stallMs),
    onCut: () => cutStream(stream),
  });
  stream.once('close', () => sink.close());
  sink.write(body);
  sink.end();
}
