import { errorPrefix } from './behaviour.ts';
import type { Reply } from './fake-issuer.ts';

/** An error that the fake issuer answers with. */
export class Refusal extends Error {
  readonly reply: Reply;

  /** @param type without `urn:ietf:params:acme:error:`. */
  constructor(status: number, type: string, detail: string) {
    super(detail);
    this.reply = { status, json: { type: `${errorPrefix}${type}`, status, detail } };
  }
}
