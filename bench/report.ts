import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Section } from './bench.ts';
import { tableMarkdown, tableText } from './table.ts';

/** Where and when a section was measured. */
export interface Occasion {
  /** Such as `2026-11-03`. */
  readonly date: string;
  readonly machine: string;
  /** The kernel's one-minute load average just before. */
  readonly load: string;
  /** How to repeat it. */
  readonly command: string;
}

const preamble = `# Benchmarks

Written by \`npm run bench -- --write\`; do not edit. \`npm run bench -- <name>… --write\` measures again only what is named and leaves
the other sections as they are, so each says when and where it was measured. The peers come from Debian and are installed where they
are missing. Compare ratios, not absolute numbers: the machine is shared and virtual.
`;

const start = (name: string) => `<!-- bench:${name} -->`;
const end = (name: string) => `<!-- /bench:${name} -->`;

/** A section for the terminal. */
export function sectionText(section: Section): string {
  return [`\n== ${section.title}`, ...section.tables.map(tableText), ...section.notes.map((note) => `* ${note}`)].join(
    '\n\n',
  );
}

export function sectionMarkdown(section: Section, occasion: Occasion): string {
  return [
    `## ${section.title}`,
    `${occasion.date} on ${occasion.machine}; load average before: ${occasion.load}. Versions: ${section.versions.join(', ')}.\nRepeat: \`${occasion.command}\`.`,
    ...section.tables.map(tableMarkdown),
    ...(section.notes.length > 0 ? [section.notes.map((note) => `- ${note}`).join('\n')] : []),
    `How it was measured:\n\n${section.method.map((sentence) => `- ${sentence}`).join('\n')}`,
  ].join('\n\n');
}

/** Puts sections into the text of the report: each replaces the one of its name, and the order is that of `names`. */
export function mergeReport(
  before: string,
  sections: ReadonlyMap<string, string>,
  { names, appendix }: { names: readonly string[]; appendix: string },
): string {
  const parts = names.flatMap((name) => {
    const text = sections.get(name) ?? sectionOf(before, name);
    return text === null ? [] : [`${start(name)}\n${text}\n${end(name)}`];
  });
  return `${[preamble.trimEnd(), ...parts, appendix].join('\n\n')}\n`;
}

/** Rewrites the report file. */
export function writeReport(
  file: string,
  sections: ReadonlyMap<string, string>,
  options: { names: readonly string[]; appendix: string },
): void {
  writeFileSync(file, mergeReport(existsSync(file) ? readFileSync(file, 'utf8') : '', sections, options));
}

function sectionOf(report: string, name: string): string | null {
  const from = report.indexOf(start(name));
  const to = report.indexOf(end(name));
  return from < 0 || to < from ? null : report.slice(from + start(name).length, to).trim();
}
