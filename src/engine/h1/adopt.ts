import { channel } from 'node:diagnostics_channel';
import { Socket, type SocketConstructorOpts } from 'node:net';

/** Node's own, in which it tells of the sockets that a server accepts. */
const acceptedSockets = channel('net.server.socket');

/** What node keeps below a TCP socket; its own, and not public. */
interface Handle {
  useUserBuffer(buffer: Uint8Array): void;
}

/** A socket with that handle, or without it once it has been taken. */
interface Accepted {
  _handle?: unknown;
}

/** As node's `onread`, whose buffer may also be a function that is asked before each read where it is to go. */
export interface ReadInto {
  readonly buffer: () => Uint8Array;
  readonly callback: (length: number) => boolean;
}

/**
 * An accepted connection as a socket that reads into buffers of our own. Node offers that for outgoing sockets alone; for accepted
 * ones it allocates 64 KiB for each read. So the handle of the socket that the server made is put below a new one, by an
 * option of node's `net.Socket` that it does not document. Where a node does not have it, connections are served all the same,
 * by 'data' events.
 *
 * @returns null where this node cannot; `accepted` is as it was then, and of no use any more otherwise.
 */
export function adopt(accepted: Socket, onread: ReadInto): Socket | null {
  const shell = accepted as Accepted;
  const handle = shell._handle;
  if (!canReadInto(handle)) return null;
  shell._handle = null;
  accepted.destroy();
  const options = { handle, onread, allowHalfOpen: accepted.allowHalfOpen };
  const adopted = new Socket(options as unknown as SocketConstructorOpts);
  // Whoever watches the sockets of this process is to see the one that is used.
  if (acceptedSockets.hasSubscribers) acceptedSockets.publish({ socket: adopted });
  return adopted;
}

function canReadInto(handle: unknown): handle is Handle {
  return typeof (handle as Partial<Handle> | null | undefined)?.useUserBuffer === 'function';
}
