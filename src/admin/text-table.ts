/** A table for a terminal: columns as wide as their widest cell, but at most 60 characters; numbers to the right. */
export function textTable(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = rows.map((row) => row.map(cellText));
  const widths = heads.map((head, column) =>
    cells.reduce((widest, row) => Math.max(widest, (row[column] ?? '').length), head.length),
  );
  const isNumber = heads.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  return [heads, ...cells].map((row) =>
    row
      .map((cell, column) => {
        const width = Math.min(widths[column] ?? 0, cellCharsMax);
        return isNumber[column] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

const cellCharsMax = 60;

function cellText(cell: string | number): string {
  const text = terminalText(String(cell));
  return text.length > cellCharsMax ? `${text.slice(0, cellCharsMax - 1)}…` : text;
}

/** Names and labels come from whoever runs a container; a terminal obeys control characters. */
export function terminalText(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
