/** Names without a certificate that are remembered; of more the oldest are forgotten. */
const askedMax = 1_000;

/** Names that only a pattern takes, and that clients have asked for, the oldest first. */
export class DemandedNames {
  readonly #asked = new Set<string>();

  add(name: string): void {
    this.#asked.delete(name);
    this.#asked.add(name);
  }

  /**
   * Forgets the oldest name where there are too many, if it can be spared.
   *
   * @param isSpared whether its certificate is there, or being ordered.
   * @returns null = none was forgotten.
   */
  forgetOne(isSpared: (name: string) => boolean): string | null {
    if (this.#asked.size <= askedMax) return null;
    for (const name of this.#asked) {
      if (isSpared(name)) continue;
      this.#asked.delete(name);
      return name;
    }
    const [oldest] = this.#asked;
    this.#asked.delete(oldest ?? '');
    return null;
  }

  /** With those of the certificates that are held: they were asked for before this start. */
  names(held: Iterable<string>): ReadonlySet<string> {
    const names = new Set(this.#asked);
    for (const name of held) if (!name.startsWith('*')) names.add(name);
    return names;
  }
}

/** Whatever a client may write into its first message. */
export function isDnsName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(text);
}
