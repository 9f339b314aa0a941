import type { Problem } from '../labels/problem.ts';
import { expectationText } from '../labels/problem-sentence.ts';
import { terminalText } from './text-table.ts';

const marks = { error: '✗', warning: '!', info: '·' } as const;

/**
 * A problem for a terminal: what is at fault, then what would have been right and the mend, indented.
 * @param where what is shown instead of the container, such as a file.
 */
export function problemLines(
  { container, label, value, expected, suggestion, severity }: Problem,
  where = container,
): string[] {
  const culprit = value === '' ? label : `${label}=${value}`;
  const head = [where, culprit].filter((part) => part !== '').join(': ');
  const lines = head === '' ? [expected] : [head, expectationText(expected)];
  if (suggestion !== '') lines.push(suggestion);
  const [first = '', ...rest] = lines.map(terminalText);
  return [`${marks[severity]} ${first}`, ...rest.map((line) => `    ${line}`)];
}
