import { escapeHtml, type Page } from '../http/own-answer.ts';
import type { PageFile } from '../labels/page-file.ts';

/** What `{status}`, `{reason}` and `{request_id}` stand for in a page. */
export interface PageWords {
  readonly status: number;
  readonly reason: string;
  readonly request_id: string;
}

const placeholder = /\{(status|reason|request_id)\}/;

/** A page of the operator's, read once: HTML may hold placeholders, anything else is shown as it is. */
export class PageTemplate {
  readonly type: string;
  /** Text and names in turn; a single one = the page has no placeholder. */
  readonly #parts: readonly (Uint8Array | keyof PageWords)[];

  constructor({ type, body }: PageFile) {
    this.type = type;
    this.#parts = type.startsWith('text/html') ? partsOf(body) : [body];
  }

  fill(words: PageWords): Page {
    const { type } = this;
    const [only] = this.#parts;
    if (this.#parts.length === 1 && typeof only === 'object') return { type, body: only };
    const filled = this.#parts.map((part) =>
      typeof part === 'string' ? Buffer.from(escapeHtml(String(words[part]))) : part,
    );
    return { type, body: Buffer.concat(filled) };
  }
}

function partsOf(body: Uint8Array): readonly (Uint8Array | keyof PageWords)[] {
  const pieces = Buffer.from(body).toString('latin1').split(placeholder);
  // As latin1 every byte stays what it is; every second piece is what the pattern has caught.
  return pieces.map((piece, at) => (at % 2 === 1 ? (piece as keyof PageWords) : Buffer.from(piece, 'latin1')));
}
