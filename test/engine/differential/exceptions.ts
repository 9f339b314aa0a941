import { readPipeline } from './request-model.ts';
import type { StrictMessage } from './strict-message.ts';

/** What our codec does with a request, and the reference engine does not. */
export interface Difference {
  readonly ours: StrictMessage;
  /** What the reference engine forwards in its place; undefined: nothing. */
  readonly theirs: StrictMessage | undefined;
  /** All that the client sent. */
  readonly bytes: string;
}

/**
 * Where our codec forwards what the reference engine does not, or not so, and why that is right. Everything else of that kind is
 * a bug of ours. docs/strictness.md repeats them.
 */
export const exceptions: readonly {
  readonly name: string;
  readonly why: string;
  readonly covers: (difference: Difference) => boolean;
}[] = [
  {
    name: 'a method that node does not know',
    why: 'node has a closed list of methods; RFC 9110 §9.1 leaves it open, and a backend answers 405 or 501 by itself.',
    covers: ({ theirs, bytes }) =>
      theirs === undefined && readPipeline(bytes).methods.some((method) => !knownMethods.has(method)),
  },
  {
    name: 'a tab behind chunked',
    why: 'RFC 9110 §5.5 allows it; framing is written by us, so no backend sees it, and a Content-Length beside it is refused. node refuses it, or, beside an offer to upgrade, sees no body and closes.',
    covers: ({ theirs, bytes }) =>
      /\r\ntransfer-encoding:[ \t]*chunked *\t[ \t]*\r\n/i.test(bytes) &&
      (theirs === undefined || offersUpgrade(bytes)),
  },
  {
    name: 'what follows an expectation without a body',
    why: 'node closes the connection behind every answer that came without a 100; nobody waits for one where there is no body.',
    covers: ({ theirs, bytes }) => theirs === undefined && /\r\nexpect:/i.test(bytes),
  },
  {
    name: 'Connection: close in a trailer section',
    why: 'node takes it for the head’s and closes; a field of the head that comes behind the body is none (RFC 9110 §6.5.1).',
    covers: ({ theirs, bytes }) =>
      theirs === undefined && /\r\n0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*connection:/i.test(bytes),
  },
  {
    name: 'what follows Proxy-Connection: close',
    why: 'node obeys it as if it were Connection; it is a field of no standard (RFC 9112 §C.2.2), and is not passed on.',
    covers: ({ theirs, bytes }) => theirs === undefined && proxyConnectionClose.test(bytes),
  },
  {
    name: 'an upgrade behind a request that is being served',
    why: 'node asks while it parses ahead, when nobody may decide yet, so the reference engine declines; our codec parses in turn.',
    covers: ({ ours, theirs }) => theirs?.start[1] === ours.start[1] && isUpgrade(ours) && !isUpgrade(theirs),
  },
  {
    name: 'what follows an upgrade that is declined',
    why: "node's parser loses the bytes behind it in the same read, so the reference engine closes; our codec goes on.",
    covers: ({ theirs, bytes }) => theirs === undefined && offersUpgrade(bytes),
  },
];

/** Where our codec passes an answer on that the reference engine does not, or not so. */
export const responseExceptions: readonly {
  readonly name: string;
  readonly why: string;
  /** @param bytes all that the backend sent. */
  readonly covers: (bytes: string) => boolean;
}[] = [
  {
    name: 'a tab behind chunked',
    why: 'node does not see the coding and reads to the end of the connection; its heads do not tell that there was a tab.',
    covers: (bytes) => /\r\ntransfer-encoding:[ \t]*chunked *\t[ \t]*\r\n/i.test(bytes),
  },
  {
    name: 'Proxy-Connection: close in an interim response',
    why: 'node obeys it as if it were Connection, and refuses what follows; it is a field of no standard (RFC 9112 §C.2.2).',
    covers: (bytes) => proxyConnectionClose.test(bytes),
  },
];

const proxyConnectionClose = /\r\nproxy-connection:[^\r\n]*close/i;
const knownMethods = new Set(process.getBuiltinModule('node:http').METHODS);

function offersUpgrade(bytes: string): boolean {
  return /\r\nupgrade:/i.test(bytes) && /\r\nconnection:[^\r\n]*upgrade/i.test(bytes);
}

function isUpgrade({ fields }: StrictMessage): boolean {
  return fields.some(([name]) => name.toLowerCase() === 'upgrade');
}

/** The exception that covers this difference; undefined where there is none. */
export function exceptionFor(difference: Difference): string | undefined {
  return exceptions.find(({ covers }) => covers(difference))?.name;
}
