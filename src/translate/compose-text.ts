import type { Note, Translation } from './translation.ts';

const marks: Readonly<Record<Note['severity'], string>> = {
  error: 'WARNING',
  warning: 'not translated',
  info: 'note',
};

/** A compose file of the labels alone, to be laid over the one that they came from, with what is to be said in comments. */
export function composeText(translations: ReadonlyMap<string, Translation>): string {
  return ['services:', ...[...translations].flatMap(serviceLines)].map((line) => `${line}\n`).join('');
}

function serviceLines([service, { labels, notes }]: readonly [string, Translation]): string[] {
  return [
    `  ${scalar(service)}:`,
    ...notes.map((note) => `    # ${marks[note.severity]}: ${noteText(note)}`),
    // A service without a key would not be a map.
    labels.length === 0 ? '    labels: {}' : '    labels:',
    ...labels.map(([label, text]) => `      ${label}: ${scalar(text)}`),
  ];
}

/** One line, whatever is in the label. */
export function noteText({ about, says }: Note): string {
  return [about, says]
    .filter((part) => part !== '')
    .join(': ')
    .replace(/\s+/g, ' ')
    .replace(/\p{C}/gu, '');
}

/** Words, names, paths and numbers stand as they are; all else in quotes. */
function scalar(text: string): string {
  const plain = /^[A-Za-z/][A-Za-z0-9/._-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  if (plain || /^[1-9]\d*$/.test(text)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  return /[\x00-\x1f\x7f-\x9f]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}
