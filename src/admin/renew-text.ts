import type { RenewAnswer } from '../tls/renew-answer.ts';
import { problemText } from './certs-text.ts';
import { terminalText } from './text-table.ts';
import { timeText } from './tls-words.ts';

type Begun = Omit<Extract<RenewAnswer, { kind: 'begun' }>, 'kind'>;
type Tried = Extract<RenewAnswer, { kind: 'tried' }>['tried'];

/** What was ordered, and what was not and why, for a terminal. */
export function begunText({ begun, held }: Begun): string {
  return [
    ...begun.map(({ names, issuer }) => `ordering ${names.join(', ')} from ${issuer}; /certs shows how it ends`),
    ...held.map(
      ({ names, why, notBefore }) => `not ordered: ${names.join(', ')}, not before ${timeText(notBefore)}: ${why}`,
    ),
  ]
    .map(terminalText)
    .join('\n');
}

/** How the orders of a dry run went, each problem in full, for a terminal. */
export function triedText(tried: Tried): string {
  return tried
    .flatMap(({ names, issuer, problem }) => [
      terminalText(`${problem === null ? '✓' : '✗'} ${names.join(', ')} by ${issuer}${problem === null ? ': ok' : ''}`),
      ...(problem === null ? [] : problemText(problem)),
    ])
    .join('\n');
}
