import { isExponential } from './regex-ambiguity.ts';
import { bad, type Fault } from './value-reading.ts';

const sourceCharsMax = 1_000;

/**
 * The only way a regex of a label is compiled: flag `u`, unanchored, case-sensitive.
 * @throws SyntaxError for a source that `regexFault` refuses.
 */
export function compileRegex(source: string): RegExp {
  return new RegExp(source, 'u');
}

/** Why a regex is refused; null when it may be used. */
export function regexFault(source: string): Fault | null {
  if (source === '') return fault('a regex after the `~`, such as ~^app-[0-9]+\\.example\\.com$');
  if (source.length > sourceCharsMax) return fault(`a regex of at most ${sourceCharsMax} characters`);
  if (source.startsWith('*'))
    return fault('a regex; `~*` is nginx for "in any case"', `write \`~(?i:${source.slice(1, 150)})\``);
  if (source.startsWith('(?i)'))
    return fault('a regex as JavaScript knows it', `write \`~(?i:${source.slice(4, 150)})\``);
  try {
    compileRegex(source);
  } catch (error) {
    return fault(`a valid regex (flag u): ${reasonOf(error)}`);
  }
  if (isExponential(source)) {
    return fault(
      'a regex that reads what it repeats in one way only, unlike (a+)+ and (.*/)+: a crafted request could keep it busy for hours',
      'make the inner part end in a character that it does not take itself, as in ([a-z0-9-]+\\.)+ and ([^/]+/)+',
    );
  }
  return null;
}

function fault(expected: string, suggestion = ''): Fault {
  return bad(expected, suggestion).faults[0] as Fault;
}

/** V8 says `Invalid regular expression: /…/u: Nothing to repeat`; only the last part is news. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return message.slice(message.lastIndexOf(': ') + 2);
}
