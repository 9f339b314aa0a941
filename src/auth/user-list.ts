/** Who may sign in. */
export class UserList {
  readonly #hashes: ReadonlyMap<string, string>;
  readonly #anyHash: string;

  /** @param entries `name:hash`; the last of a name counts. */
  constructor(entries: readonly string[]) {
    this.#hashes = new Map(entries.map((entry) => [nameOf(entry), entry.slice(nameOf(entry).length + 1)]));
    this.#anyHash = [...this.#hashes.values()][0] ?? '';
  }

  /** The hash to compare with. Of a name that is not there it is somebody else's, so that nobody can tell by the time it takes. */
  hashOf(user: string): { readonly hash: string; readonly isKnown: boolean } {
    const hash = this.#hashes.get(user);
    return hash === undefined ? { hash: this.#anyHash, isKnown: false } : { hash, isKnown: true };
  }
}

function nameOf(entry: string): string {
  return entry.slice(0, entry.indexOf(':'));
}
