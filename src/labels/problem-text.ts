import { isSecretHeader } from '../http/secret-header.ts';
import { withoutUserInfo } from '../http/user-info.ts';
import type { LabelKey } from './label-key.ts';
import type { Problem } from './problem.ts';
import { rowOf } from './table.ts';
import type { Fault } from './value-reading.ts';

const valueCharsMax = 200;

/** Stands for every value that must not be seen. */
const hidden = '…';

/** Which label is at fault, as its owner wrote it. */
export interface Culprit {
  readonly container: string;
  readonly label: string;
  readonly text: string;
  readonly secret: boolean;
}

/** A fault of a value becomes a problem of a container: shortened, made harmless for a terminal, without secrets. */
export function problemOf(
  culprit: Culprit,
  fault: Fault,
  severity: Problem['severity'] = fault.severity ?? 'error',
): Problem {
  const inList = fault.item !== undefined && fault.item !== culprit.text && !culprit.secret;
  return Object.freeze({
    container: culprit.container,
    label: shown(culprit.label),
    value: shownValue(culprit.text, culprit.secret),
    expected: inList ? `in place of \`${shown(fault.item)}\`: ${printable(fault.expected)}` : printable(fault.expected),
    suggestion: printable(fault.suggestion ?? ''),
    severity,
  });
}

export function shownValue(text: string, secret: boolean): string {
  return secret && text !== '' ? hidden : shown(text);
}

function shown(text: string): string {
  const open = withoutUserInfo(text);
  const short = open.length > valueCharsMax ? `${open.slice(0, valueCharsMax - 1)}${hidden}` : open;
  return printable(short);
}

/** Labels are written by whoever runs a container; the log is read in a terminal, which obeys control characters. */
function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{C}/gu, (char) => (char === '\u200d' ? char : `\\u{${(char.codePointAt(0) as number).toString(16)}}`));
}

/** `proxy.reqheader=Authorization: Bearer …`: the name of the header stands where nobody reads it. */
const namelessHeader = /(?:^|[._])(?:req)?header\.?$/i;

/** Whether the value under that key must not be shown: also under a key that is only nearly one that holds secrets. */
export function isSecretKey(written: string, key: LabelKey): boolean {
  if (key.kind === 'unknown')
    return (
      key.guards === 'auth' ||
      key.guards === 'tls.client' ||
      /user|htpasswd|client/i.test(written) ||
      namelessHeader.test(written) ||
      isSecretHeader(written)
    );
  return key.header === '' ? rowOf(key.key).secret === true : isSecretHeader(key.header);
}
