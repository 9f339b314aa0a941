import { ProxyFailure, type Reason, type RetryVerdict } from '../http/failure.ts';

/** How far a call had come when it failed. */
export interface CallProgress {
  /** TCP stands (and TLS is next, where there is TLS). */
  connected: boolean;
  /** The connection is ready: the head is on its way. */
  ready: boolean;
  readonly secure: boolean;
  /** A byte of an answer has arrived. */
  answered: boolean;
  /** The request has a body, and it has begun to flow. */
  bodyTaken: boolean;
}

export function noProgress(secure: boolean): CallProgress {
  return { connected: false, ready: false, secure, answered: false, bodyTaken: false };
}

/** What this machine has run out of: files, ports, memory for sockets. */
const exhausted = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** Puts a name and a retry verdict to what node reports about a connection to a backend. */
export function upstreamFailure(error: NodeJS.ErrnoException, progress: CallProgress): ProxyFailure {
  // No backend is to blame, and another would not fare better.
  if (exhausted.has(error.code ?? '')) return new ProxyFailure('proxy-full', { source: 'proxy', cause: error });
  return new ProxyFailure(reasonOf(error.code ?? '', progress), {
    source: 'backend',
    retry: retryVerdict(progress),
    cause: error,
  });
}

/**
 * 'always' while nothing was sent; 'idempotent' once the head may have been: the backend may have acted on it, so only methods
 * that can be repeated are (RFC 9110 §9.2.2), which holds for a stale kept connection as well, because nobody can tell from here
 * whether it closed before or after it read the request. 'never' once an answer began, or a body flowed that cannot be had again.
 */
export function retryVerdict(progress: CallProgress): RetryVerdict {
  if (!progress.ready) return 'always';
  return progress.answered || progress.bodyTaken ? 'never' : 'idempotent';
}

/** Its container leaves, and nobody may ever answer at its address: no use in waiting for the connection (nor is it the backend's fault). */
export function dialGivenUp(): ProxyFailure {
  return new ProxyFailure('backend-refused', {
    source: 'proxy',
    retry: 'always',
    message: 'the container leaves and the connection does not stand yet',
  });
}

/** Its container has lost the address that it was dialled at: there is no answer to come, and nobody to say so. */
export function outOfReach(progress: CallProgress): ProxyFailure {
  return new ProxyFailure(progress.ready ? 'backend-reset' : 'backend-connect-timeout', {
    source: 'proxy',
    retry: retryVerdict(progress),
    message: 'the container was taken from the network that it was dialled in',
  });
}

function reasonOf(code: string, { connected, ready, secure }: CallProgress): Reason {
  if (code.startsWith('HPE_')) return 'backend-invalid';
  if (ready) return 'backend-reset';
  if (secure && connected) return 'backend-tls';
  // The kernel's own patience, and a neighbour that does not answer ARP: the container is gone or its network is.
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH') return 'backend-connect-timeout';
  return 'backend-refused';
}
