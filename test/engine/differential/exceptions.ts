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
    applies: ({ start: [method] }) => !knownMethods.has(method),
  },
  {
    name: 'a tab behind chunked',
    why: 'RFC 9110 §5.5 allows it; framing is written by us, so no backend sees it, and a Content-Length beside it is refused.',
    applies: (_, bytes) => /\r\ntransfer-encoding:[ \t]*chunked *\t[ \t]*\r\n/i.test(bytes),
  },
  {
    name: 'what follows an upgrade that is declined',
    why: "node's parser loses the bytes behind it in the same read, so the reference engine closes; our codec goes on.",
    applies: (_, bytes) => /\r\nupgrade:/i.test(bytes) && /\r\nconnection:[^\r\n]*upgrade/i.test(bytes),
  },
];

const knownMethods = new Set(process.getBuiltinModule('node:http').METHODS);

/** The exception that covers this message; undefined where there is none. */
export function exceptionFor(message: StrictMessage, bytes: string): string | undefined {
  return exceptions.find(({ applies }) => applies(message, bytes))?.name;
}
