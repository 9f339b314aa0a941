import type { ForesightQuestion, Foresights } from '../proxy/foresight.ts';
import type { FromDataPlane, ToDataPlane } from './messages.ts';
import { Questions } from './questions.ts';

/** From shared memory, by a thread that serves nobody. */
const backlogMsMax = 250;
/** Longer than the data plane waits for a worker that is stuck. */
const foresightMsMax = 600;

/** Questions to the data plane about a request that nobody has sent. */
export class Inquiry {
  readonly #send: (message: ToDataPlane) => void;
  readonly #backlogs = new Questions<number>();
  readonly #foresights = new Questions<Foresights>();

  constructor(send: (message: ToDataPlane) => void) {
    this.#send = send;
  }

  /** How full a bucket is, ms, and nothing is taken out of it; null where the data plane does not answer. */
  backlog(scope: number, key: string): Promise<number | null> {
    return this.#backlogs.ask(backlogMsMax, (ask) => this.#send({ type: 'backlog', ask, scope, key }));
  }

  /** What the workers would do with it; null where the data plane does not answer. */
  foresee(question: ForesightQuestion): Promise<Foresights | null> {
    return this.#foresights.ask(foresightMsMax, (ask) => this.#send({ type: 'foresee', ask, question }));
  }

  hear(message: Extract<FromDataPlane, { type: 'backlog' | 'foresights' }>): void {
    if (message.type === 'backlog') this.#backlogs.answer(message.ask, message.backlogMs);
    else this.#foresights.answer(message.ask, message);
  }

  /** The data plane has died. */
  giveUp(): void {
    this.#backlogs.giveUp();
    this.#foresights.giveUp();
  }
}
