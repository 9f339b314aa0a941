/**
 * The one table of everything that can go wrong with a request: reason → status, RFC 9209 error type, what to tell a person.
 * Nobody else writes a 502. The reason is the word in `Proxy-Status: fairlead; error=<type>; details=<reason>`, in the
 * access log and in `/routes`; each has a paragraph in docs/reasons.md.
 */
export interface FailureKind {
  readonly status: number;
  /** Error type of RFC 9209 §2.3. */
  readonly type: string;
  readonly title: string;
  /** What a visitor or an administrator can do; never names an address, a container or a label value. */
  readonly advice: string;
  /** Seconds for Retry-After, where trying again makes sense. */
  readonly retryAfterSeconds?: number;
}

export const failureKinds = {
  'bad-request': {
    status: 400,
    type: 'http_request_error',
    title: 'The request is malformed',
    advice: 'The request cannot be read in exactly one way, so it was not passed on.',
  },
  'not-cached': {
    status: 504,
    type: 'http_request_error',
    title: 'There is no stored answer',
    advice: 'The request asks for a stored answer or none (only-if-cached), and none is stored that may be shown.',
  },
  'plain-http': {
    status: 400,
    type: 'http_request_error',
    title: 'This port speaks HTTPS',
    advice: 'The request came without encryption. Begin the address with https://.',
  },
  'request-timeout': {
    status: 408,
    type: 'http_request_error',
    title: 'The request took too long to arrive',
    advice: 'The request head, or the next part of the body, did not arrive in time.',
  },
  'uri-too-long': {
    status: 414,
    type: 'http_request_error',
    title: 'The address is too long',
    advice: 'Shorten the URL.',
  },
  'headers-too-large': {
    status: 431,
    type: 'http_request_error',
    title: 'The request headers are too large',
    advice: 'Often too many or too large cookies: delete the cookies of this site and try again.',
  },
  'not-implemented': {
    status: 501,
    type: 'http_request_error',
    title: 'The request uses something that is not supported',
    advice: 'An unknown transfer coding or protocol feature was asked for.',
  },
  'host-unknown': {
    status: 404,
    type: 'destination_not_found',
    title: 'No site with this name',
    advice: 'No running container claims this host. Administrators: `fairlead explain URL` names the nearest one.',
  },
  'no-route': {
    status: 404,
    type: 'destination_not_found',
    title: 'Nothing is served here',
    advice: 'The host is known, but no route of it matches this request. Administrators: see `fairlead explain URL`.',
  },
  misdirected: {
    status: 421,
    type: 'http_request_error',
    title: 'This connection is for another site',
    advice:
      'The certificate that was shown on this connection is not for the host of the request. Browsers open another one.',
  },
  'https-required': {
    status: 403,
    type: 'http_request_denied',
    title: 'Only over HTTPS',
    advice: 'This site is served over HTTPS only. Administrators: see `proxy.http` and `fairlead certs`.',
  },
  'no-backend': {
    status: 503,
    type: 'destination_unavailable',
    title: 'The site is not running',
    advice:
      'The route is known, but none of its containers can take requests. Administrators: `fairlead routes` says why.',
    retryAfterSeconds: 5,
  },
  'backend-starting': {
    status: 503,
    type: 'destination_unavailable',
    title: 'The site is starting',
    advice:
      'Its container is not ready yet. Try again in a moment. Administrators: `fairlead routes` says what it waits for; see `proxy.port` and `proxy.health`.',
    retryAfterSeconds: 2,
  },
  'backend-busy': {
    status: 503,
    type: 'connection_limit_reached',
    title: 'The site is busy',
    advice:
      'Its containers have as many requests as they may have at a time. Try again in a moment. Administrators: see `proxy.maxconn`.',
    retryAfterSeconds: 1,
  },
  'backend-refused': {
    status: 502,
    type: 'connection_refused',
    title: 'The site does not answer',
    advice: 'Its container runs, but nothing listens on the port. Administrators: check `proxy.port`.',
    retryAfterSeconds: 2,
  },
  'backend-timeout': {
    status: 504,
    type: 'http_response_timeout',
    title: 'The site took too long',
    advice: 'Its container did not answer in time. Administrators: see `proxy.timeout.read`.',
  },
  'backend-send-timeout': {
    status: 504,
    type: 'connection_write_timeout',
    title: 'The site does not take the request',
    advice: 'Its container took no more of the request in time. Administrators: see `proxy.timeout.send`.',
  },
  'backend-connect-timeout': {
    status: 504,
    type: 'connection_timeout',
    title: 'The site cannot be reached',
    advice:
      'No connection to its container could be made in time. Administrators: check networks and `proxy.timeout.connect`.',
  },
  'backend-reset': {
    status: 502,
    type: 'connection_terminated',
    title: 'The site broke off',
    advice: 'Its container closed the connection before it answered.',
  },
  'backend-invalid': {
    status: 502,
    type: 'http_protocol_error',
    title: 'The site answered something that is not HTTP',
    advice:
      'The answer of its container cannot be read in exactly one way. Administrators: check `proxy.port` and `proxy.scheme`.',
  },
  'backend-tls': {
    status: 502,
    type: 'tls_protocol_error',
    title: 'No trusted connection to the site',
    advice: 'TLS to its container failed. Administrators: see `proxy.scheme.verify` and `proxy.scheme.sni`.',
  },
  'unreachable-network': {
    status: 503,
    type: 'destination_ip_unroutable',
    title: 'The site is on another network',
    advice:
      'Its container shares no network with the proxy. Administrators: `fairlead routes` prints the command that connects them.',
    retryAfterSeconds: 5,
  },
  'label-invalid': {
    status: 503,
    type: 'proxy_configuration_error',
    title: 'The site is closed because its protection cannot be applied',
    advice:
      'A label that protects this route cannot be honoured, so the route stays closed. Administrators: see `fairlead routes`.',
  },
  'ws-disabled': {
    status: 403,
    type: 'http_request_denied',
    title: 'WebSockets are switched off here',
    advice: 'The route has `proxy.ws=false`.',
  },
  'rate-limited': {
    status: 429,
    type: 'http_request_denied',
    title: 'Too many requests',
    advice: 'Slow down and try again.',
    retryAfterSeconds: 1,
  },
  'body-too-large': {
    status: 413,
    type: 'http_request_denied',
    title: 'The upload is too large',
    advice: 'The route limits the size of a request body. Administrators: see `proxy.maxbody`.',
  },
  'auth-required': {
    status: 401,
    type: 'http_request_denied',
    title: 'Please sign in',
    advice: 'This site lets in only those who say who they are.',
  },
  'auth-unavailable': {
    status: 503,
    type: 'destination_unavailable',
    title: 'Who may enter cannot be checked just now',
    advice:
      'So nobody may. Administrators: the server of `proxy.auth=forward:` did not answer as it should, or too many sign in at once.',
    retryAfterSeconds: 2,
  },
  'address-denied': {
    status: 403,
    type: 'http_request_denied',
    title: 'Not from this address',
    advice: 'The route does not accept requests from your address.',
  },
  'client-aborted': {
    status: 499,
    type: 'connection_terminated',
    title: 'The client went away',
    advice: 'Seen only in the log: the client closed the connection before the answer was complete.',
  },
  'proxy-full': {
    status: 503,
    type: 'connection_limit_reached',
    title: 'The proxy has no connection left',
    advice: 'Try again in a moment. Administrators: files or ports of the machine are used up; see docs/limits.md.',
    retryAfterSeconds: 1,
  },
  'proxy-error': {
    status: 500,
    type: 'proxy_internal_error',
    title: 'The proxy failed',
    advice: 'A fault of the proxy itself. Administrators: the log has the details under this request id.',
  },
} as const satisfies Record<string, FailureKind>;

export type Reason = keyof typeof failureKinds;

export function failureKind(reason: Reason): FailureKind {
  return failureKinds[reason];
}

/**
 * Whether another try is safe: 'always' = nothing was sent (any method, RFC 9110 §9.2.2 does not even apply),
 * 'idempotent' = the head was sent, no answer came, 'never' = an answer began or the body cannot be sent again.
 */
export type RetryVerdict = 'always' | 'idempotent' | 'never';

/** A failed request: what, whose fault, whether again. */
export class ProxyFailure extends Error {
  readonly reason: Reason;
  readonly source: 'client' | 'backend' | 'proxy';
  readonly retry: RetryVerdict;

  constructor(
    reason: Reason,
    about: { source: 'client' | 'backend' | 'proxy'; retry?: RetryVerdict; cause?: unknown; message?: string },
  ) {
    super(about.message ?? failureKinds[reason].title, { cause: about.cause });
    this.name = 'ProxyFailure';
    this.reason = reason;
    this.source = about.source;
    this.retry = about.retry ?? 'never';
  }
}
