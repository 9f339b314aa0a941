import { createHash } from 'node:crypto';
import type { RedisReply } from './redis-connection.ts';
import { isUnknownScript } from './redis-fault.ts';
import type { RedisLink } from './redis-link.ts';

/** A script that the server runs as one step (EVALSHA); sent in full only where it is not known there yet. */
export class RedisScript {
  readonly #text: string;
  readonly #digest: string;

  constructor(text: string) {
    this.#text = text;
    this.#digest = createHash('sha1').update(text).digest('hex');
  }

  /** @throws as RedisLink.send. */
  async run(
    link: Pick<RedisLink, 'send'>,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<RedisReply> {
    const rest = [String(keys.length), ...keys, ...values.map(String)];
    try {
      return await link.send(['EVALSHA', this.#digest, ...rest]);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return link.send(['EVAL', this.#text, ...rest]);
    }
  }
}
