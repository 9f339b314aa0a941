/** What the demo prints: numbered steps, commands as a user would type them, answers indented below. */
export class Page {
  #steps = 0;
  readonly #colours: boolean;

  constructor({ colours }: { colours: boolean }) {
    this.#colours = colours;
  }

  title(text: string): void {
    console.log(`\n${this.#styled(1, text)}`);
  }

  step(text: string): void {
    this.#steps += 1;
    console.log(`\n${this.#styled(1, `${this.#steps}. ${text}`)}`);
  }

  note(text: string): void {
    console.log(indented(text));
  }

  command(text: string): void {
    console.log(indented(this.#styled(36, `$ ${text}`)));
  }

  output(text: string): void {
    console.log(indented(this.#styled(2, text.trimEnd()), 5));
  }

  #styled(code: number, text: string): string {
    if (!this.#colours) return text;
    // Per line, so that a pager or a cut never leaves a colour on.
    return text.replace(/[^\n]+/g, (line) => `\x1b[${code}m${line}\x1b[0m`);
  }
}

function indented(text: string, columns = 3): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(columns));
}
