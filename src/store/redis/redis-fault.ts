/**
 * What went wrong with the store, in words. Of what the server says only the code is told: it repeats what it was sent, the
 * password among it.
 */
export function redisFaultText(error: unknown): string {
  const { code, message, name } = (error ?? {}) as { code?: unknown; message?: unknown; name?: unknown };
  if (name === 'StoreAway') return String(message);
  if (typeof code === 'string') return systemFaults[code] ?? code;
  const word = /^[A-Z]{3,20}\b/.exec(String(message))?.[0];
  if (word !== undefined) return serverFaults[word] ?? `it answers with the error ${word}`;
  return String(message) === 'The queue is full' ? 'it is asked more than it answers' : 'the connection was lost';
}

/** @returns whether the server knows no script of that digest. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

const systemFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no way to that address',
  ENETUNREACH: 'there is no way to that address',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ETIMEDOUT: 'it does not answer',
  CERT_HAS_EXPIRED: 'its certificate has ended',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; name its authority in NODE_EXTRA_CA_CERTS',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody we trust has signed its certificate; name its authority in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'nobody we trust has signed its certificate; name its authority in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'nobody we trust has signed its certificate; name its authority in NODE_EXTRA_CA_CERTS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: is it redis:// that is meant?',
};

/** Codes that error replies begin with. */
const serverFaults: Readonly<Record<string, string>> = {
  WRONGPASS: 'it does not accept the name or the password',
  NOAUTH: 'it wants a password',
  NOPERM: 'the user may not do what is needed there (docs/store.md says what that is)',
  MISCONF: 'it cannot write to its own disk, and takes nothing more',
  OOM: 'its memory is full',
  LOADING: 'it is still loading its data',
  READONLY: 'it is a replica that takes nothing',
  BUSY: 'it is busy with a script',
  CLUSTERDOWN: 'its cluster is down',
  MOVED: 'it is part of a cluster, which is not supported: one server is needed',
};
