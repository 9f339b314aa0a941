import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Log } from '../base/log.ts';
import type { Ref } from '../labels/ref.ts';
import { certificateBlocks } from './pem-blocks.ts';

const charsMax = 1024 * 1024;
/** Places whose fault is remembered; of more the oldest is told again. */
const toldMax = 1_000;

/** Whose certificates a client may show (`proxy.tls.client`), as PEM; read anew at each change of the routes. */
export class ClientAuthorities {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #log: Log;
  readonly #told = new Map<string, string>();

  constructor(about: { readonly env: Readonly<Record<string, string | undefined>>; readonly log: Log }) {
    this.#env = about.env;
    this.#log = about.log;
  }

  /** @returns null where there is nothing that can be read: then nobody is to be let in. The log says why, once. */
  read(ref: Ref): string | null {
    const place = placeOf(ref);
    try {
      const pem = checked(ref.ref === 'env' ? (this.#env[ref.name] ?? '') : readFileSync(ref.path, 'utf8'));
      this.#told.delete(place);
      return pem;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (this.#told.get(place) !== why)
        this.#log.error({ place, why }, 'proxy.tls.client: no authority can be read there, so its hosts stay closed');
      this.#told.set(place, why);
      const [oldest] = this.#told.keys();
      if (this.#told.size > toldMax && oldest !== undefined) this.#told.delete(oldest);
      return null;
    }
  }

  /** Why it could not be read when it was last tried; null where it could. */
  fault(ref: Ref): string | null {
    return this.#told.get(placeOf(ref)) ?? null;
  }
}

function placeOf(ref: Ref): string {
  return ref.ref === 'env' ? `env:${ref.name}` : `@${ref.path}`;
}

function checked(text: string): string {
  if (text.length > charsMax) throw new Error('it is larger than 1 MiB');
  const blocks = certificateBlocks(text);
  if (blocks.length === 0) throw new Error('it holds no certificate in PEM');
  for (const block of blocks) new X509Certificate(block);
  return blocks.join('\n');
}
