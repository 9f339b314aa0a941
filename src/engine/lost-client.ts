import { ProxyFailure } from '../http/failure.ts';
import type { BodySink } from '../http/transport.ts';

/** What takes the body of a response that has nowhere to go: the client left before it was answered. */
export const lostSink = (): BodySink => ({ onDrain: null, write: () => true, end: () => {}, abort: () => {} });

export const clientAborted = (message = 'the client closed the connection'): ProxyFailure =>
  new ProxyFailure('client-aborted', { source: 'client', message });
