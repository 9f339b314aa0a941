import { durationText } from '../base/duration.ts';
import { hostAndPort } from '../http/authority.ts';
import type { FailedRequest } from '../proxy/failed-request.ts';
import type { StateAndReason } from '../routing/backend-state.ts';
import type { Backend } from '../routing/table.ts';

/**
 * A backend that is left out for its failures while there are others, in words: what failed last, where that is known, and how often.
 *
 * @param failure the last request that failed there.
 */
export function ejectedState(backend: Backend, failure: Pick<FailedRequest, 'reason'> | null): StateAndReason {
  const { maxFails, failTimeoutMs, host, port } = backend;
  const within = `within ${durationText(failTimeoutMs)}`;
  const tries = `${maxFails} ${maxFails === 1 ? 'try' : 'tries'}`;
  const what = failure === null ? null : whatFailed(failure, hostAndPort(host, port));
  const reason =
    what === null
      ? `${tries} failed there ${within}`
      : `${what.happened} (${tries} ${within})${what.help === '' ? '' : `; ${what.help}`}`;
  return { state: 'ejected', reason };
}

interface Happened {
  readonly happened: string;
  /** '' where nothing is likely. */
  readonly help: string;
}

function whatFailed({ reason }: Pick<FailedRequest, 'reason'>, address: string): Happened | null {
  switch (reason) {
    // Of one that a request was sent to: it refused, and is so young that it may not listen yet.
    case 'backend-starting':
    case 'backend-refused':
      return { happened: `connect refused on ${address}`, help: 'check proxy.port' };
    case 'backend-connect-timeout':
      return { happened: `no connection to ${address} in time`, help: 'check proxy.network' };
    case 'backend-timeout':
      return { happened: `no answer from ${address} in time`, help: '' };
    case 'backend-send-timeout':
      return { happened: `${address} does not take requests in time`, help: '' };
    case 'backend-reset':
      return { happened: `${address} broke off`, help: 'see its log' };
    case 'backend-invalid':
      return { happened: `${address} answered something that is not HTTP`, help: 'check proxy.port and proxy.scheme' };
    case 'backend-tls':
      return { happened: `no trusted TLS connection to ${address}`, help: 'check proxy.scheme' };
    default:
      return null;
  }
}
