import type { BodySink } from '../http/transport.ts';

/** Where the body of a request goes that has none. */
export const noBody: BodySink = { onDrain: null, write: () => true, end: () => {}, abort: () => {} };
