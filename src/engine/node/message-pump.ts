import type { IncomingMessage } from 'node:http';
import { FlatHeaderList, type HeaderList } from '../../http/header-list.ts';
import { stripTrailers } from '../../http/hop-by-hop.ts';
import type { BodySink } from '../../http/transport.ts';
import { BodyPump, type BodyPumpAbout } from '../body-pump.ts';

/** Carries the body of a message of node's. */
export class MessagePump extends BodyPump {
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage, sink: BodySink, about: Omit<BodyPumpAbout, 'ending'>) {
    super(message, sink, { ...about, ending: () => endingOf(message) });
    this.#message = message;
  }

  /** Nothing of the message is missing, whatever its connection does next. */
  get complete(): boolean {
    return this.#message.complete;
  }
}

/** node ends a body that was cut as well as a whole one; only a whole one is `complete`. */
function endingOf(message: IncomingMessage): HeaderList | 'cut' {
  if (!message.complete) return 'cut';
  const trailers = new FlatHeaderList(message.rawTrailers.slice());
  stripTrailers(trailers);
  return trailers;
}
