import type { FailuresMessage } from './messages.ts';

/** What the control plane has not taken yet; failures beyond that are counted, and told with the next one. */
const underWayMax = 8;

/** Failed and slow requests on their way from workers to a control plane that may be busy. */
export class FailurePassage {
  readonly #send: (message: FailuresMessage, taken: () => void) => void;
  #underWay = 0;
  #more = 0;

  /** @param send calls `taken` when the message was, or when nobody is there any more who would take it. */
  constructor(send: (message: FailuresMessage, taken: () => void) => void) {
    this.#send = send;
  }

  pass(message: FailuresMessage): void {
    const more = this.#more + message.more;
    if (this.#underWay >= underWayMax) {
      this.#more = more + message.failed.length;
      return;
    }
    this.#more = 0;
    this.#underWay++;
    this.#send({ ...message, more }, () => {
      this.#underWay--;
    });
  }
}
