import type { Reason } from '../../http/failure.ts';
import type { ListenerLimits } from '../../http/transport.ts';

/**
 * What an error of node's parser or server means: a reason to refuse, nothing at all, or a connection that is gone.
 */
export function parserFailure(
  error: NodeJS.ErrnoException & { rawPacket?: Buffer },
  { headBytesMax, uriBytesMax }: ListenerLimits,
): Reason | 'ignore' | 'gone' {
  const { code = '', rawPacket } = error;
  switch (code) {
    case 'CONNECT':
      return 'not-implemented';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request-timeout';
    case 'HPE_HEADER_OVERFLOW':
      return isLongTarget(rawPacket, Math.min(headBytesMax, uriBytesMax)) ? 'uri-too-long' : 'headers-too-large';
    // Bytes after a request that said `Connection: close`, or a close in the middle of one: nobody is owed an answer.
    case 'HPE_CLOSED_CONNECTION':
    case 'HPE_INVALID_EOF_STATE':
      return 'ignore';
    default:
      return code.startsWith('HPE_') ? 'bad-request' : 'gone';
  }
}

/** Seen only where the request line came in one piece; else the head as a whole is called too large, which is true as well. */
function isLongTarget(packet: Buffer | undefined, bytesMax: number): boolean {
  const text = packet?.toString('latin1') ?? '';
  return new RegExp(`(?:^|\\n)[A-Z-]{1,32} [^\\s]{${Math.min(bytesMax, 60_000)},}`).test(text);
}
