import type { StrictMessage } from './strict-message.ts';

/**
 * Where our codec forwards what node's parser refuses, and why that is right. Everything else of that kind is a bug of ours.
 */
export const exceptions: readonly {
  readonly name: string;
  readonly why: string;
  /** @param bytes all that the client sent. */
  readonly applies: (message: StrictMessage, bytes: string) => boolean;
}[] = [
  {
    name: 'a method that node does not know',
    why: 'node has a closed list of methods; RFC 9110 §9.1 leaves it open, and a backend answers 405 or 501 by itself.',
    applies: ({ start: [method] }, bytes) =>
      !knownMethods.has(method) || [...bytes.matchAll(requestLines)].some(([, other = '']) => !knownMethods.has(other)),
  },
  {
    name: 'a tab behind chunked',
    why: 'RFC 9110 §5.5 allows it; framing is written by us, so no backend sees it, and a Content-Length beside it is refused.',
    applies: (_, bytes) => /\r\ntransfer-encoding:[ \t]*chunked *\t[ \t]*\r\n/i.test(bytes),
  },
  {
    name: 'what follows an expectation without a body',
    why: 'node closes the connection behind every answer that came without a 100; nobody waits for one where there is no body.',
    applies: (_, bytes) => /\r\nexpect:/i.test(bytes),
  },
  {
    name: 'Connection: close in a trailer section',
    why: 'node takes it for the head’s and closes; a field of the head that comes behind the body is none (RFC 9110 §6.5.1).',
    applies: (_, bytes) => /\r\n0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*connection:/i.test(bytes),
  },
  {
    name: 'an upgrade behind a request that is being served',
    why: 'node asks while it parses ahead, when nobody may decide yet, so the reference engine declines; our codec parses in turn.',
    applies: (_, bytes) => offersUpgrade(bytes),
  },
  {
    name: 'what follows an upgrade that is declined',
    why: "node's parser loses the bytes behind it in the same read, so the reference engine closes; our codec goes on.",
    applies: (_, bytes) => offersUpgrade(bytes),
  },
];

const requestLines = /([!#$%&'*+\-.^_`|~0-9A-Z]+) [\x21-\x7e]+ HTTP\/1\.[01]\r\n/g;
const knownMethods = new Set(process.getBuiltinModule('node:http').METHODS);

function offersUpgrade(bytes: string): boolean {
  return /\r\nupgrade:/i.test(bytes) && /\r\nconnection:[^\r\n]*upgrade/i.test(bytes);
}

/** The exception that covers this message; undefined where there is none. */
export function exceptionFor(message: StrictMessage, bytes: string): string | undefined {
  return exceptions.find(({ applies }) => applies(message, bytes))?.name;
}
