export interface Table {
  readonly title: string;
  /** The first column is text and stands left; the others are numbers and stand right. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Aligned columns for a terminal. */
export function tableText({ title, columns, rows }: Table): string {
  const widths = widthsOf([columns, ...rows]);
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join('  ')}`.trimEnd();
  return [title, line(columns), ...rows.map(line)].join('\n');
}

/** The same as Markdown, with the columns aligned in the source too: the file is read in diffs. */
export function tableMarkdown({ title, columns, rows }: Table): string {
  const widths = widthsOf([columns, ...rows]);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [`**${title}**`, '', line(columns), line(rule), ...rows.map(line)].join('\n');
}

function widthsOf(lines: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const cells of lines) {
    for (const [column, cell] of cells.entries()) widths[column] = Math.max(widths[column] ?? 3, cell.length);
  }
  return widths;
}

function padded(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
