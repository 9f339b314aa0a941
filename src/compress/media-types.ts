/** Each of its events is waited for, and most are too small to gain anything. */
const streamed = new Set(['text/event-stream']);

/** Media types that are worth it: by name, by `type/*`, or by the suffix of what they are written in (RFC 6839). */
export class MediaTypes {
  readonly #named: ReadonlySet<string>;

  /** @param types in lower case, as `proxy.compress.types` has them. */
  constructor(types: readonly string[]) {
    this.#named = new Set(types);
  }

  /** @param contentType a value of Content-Type, with its parameters. */
  has(contentType: string): boolean {
    const end = contentType.indexOf(';');
    const type = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
    if (this.#named.has(type)) return true;
    const slash = type.indexOf('/');
    if (slash < 0 || streamed.has(type)) return false;
    if (this.#named.has(`${type.slice(0, slash)}/*`)) return true;
    const plus = type.lastIndexOf('+');
    return plus > slash && this.#named.has(`application/${type.slice(plus + 1)}`);
  }
}
