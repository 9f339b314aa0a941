import { AcmeFailure, type OrderStage } from './failure.ts';
import { issuerText } from './issuer-text.ts';

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name cannot be resolved now',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no way to its address',
  ENETUNREACH: 'there is no way to its network',
  ERR_BAD_RESPONSE: 'its answer was cut short or is too long',
  CERT_HAS_EXPIRED: 'its own HTTPS certificate has expired, or the clock here is wrong',
  CERT_NOT_YET_VALID: 'its own HTTPS certificate is not valid yet, or the clock here is wrong',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its own HTTPS certificate is signed by nobody known',
  SELF_SIGNED_CERT_IN_CHAIN: 'its own HTTPS certificate is signed by nobody known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its own HTTPS certificate is signed by nobody known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its own HTTPS certificate is signed by nobody known',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its own HTTPS certificate is for another name',
};

/** The failure of a request that no answer came to; the code of the error stands in brackets. */
export function unreachable(directoryUrl: string, error: unknown, stage: OrderStage): AcmeFailure {
  const { code, message } = (error instanceof Error ? error : new Error(String(error))) as NodeJS.ErrnoException;
  const why = words[code ?? ''] ?? issuerText(message);
  return new AcmeFailure(
    { type: '', status: null, detail: unreachableText(directoryUrl, code ? `${why} (${code})` : why), subproblems: [] },
    { stage, cause: error },
  );
}

/** The failure of a request whose answer did not come in time. */
export function silent(directoryUrl: string, ms: number, stage: OrderStage): AcmeFailure {
  const detail = unreachableText(directoryUrl, `no answer within ${Math.ceil(ms / 1000)} s (ETIMEDOUT)`);
  return new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage });
}

function unreachableText(directoryUrl: string, why: string): string {
  const host = URL.canParse(directoryUrl) ? new URL(directoryUrl).host : directoryUrl;
  return `the issuer at ${host} cannot be reached: ${why}`;
}
