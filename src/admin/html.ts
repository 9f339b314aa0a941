/** Markup that may stand in a page as it is. Only `html` makes it, so whatever else is put in is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Insertion = Html | string | number | readonly Html[];

/** A template in which every inserted text is escaped. */
export function html(parts: TemplateStringsArray, ...insertions: readonly Insertion[]): Html {
  return new Html(parts.map((part, at) => part + markup(insertions[at] ?? '')).join(''));
}

export const nothing = new Html('');

function markup(insertion: Insertion): string {
  if (insertion instanceof Html) return insertion.text;
  if (typeof insertion === 'object') return insertion.map(({ text }) => text).join('');
  return String(insertion).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
