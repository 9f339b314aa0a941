import type { Reason } from './failure.ts';

/** What an administrator finds behind a reason: a cause, and what to do about it. Labels and commands stand between backticks. */
export interface Cause {
  readonly cause: string;
  readonly remedy: string;
}

/**
 * The causes of each reason, the most frequent first, for docs/reasons.md and the dashboard. Visitors are shown `advice` of the
 * failure table alone: nothing here goes into an answer of the proxy.
 */
export function failureCauses(reason: Reason): readonly Cause[] {
  return causes[reason].map(([cause, remedy]) => ({ cause, remedy }));
}

const causes: Readonly<Record<Reason, readonly (readonly [cause: string, remedy: string])[]>> = {
  'bad-request': [
    [
      'a client that is not a browser sends what two parsers could read differently: two Content-Length, a space before a colon, a bare line feed, no Host',
      'mend the client; docs/strictness.md lists what is accepted',
    ],
    ['a scanner looks for holes', 'nothing: it was kept out, and the backend saw none of it'],
    ['`proxy.rewrite` makes something of this path that is no path', '`fairlead explain URL` shows what becomes of it'],
  ],
  'not-cached': [['the client sent `Cache-Control: only-if-cached`', 'nothing: that is what it asked for']],
  'plain-http': [
    ['`http://` was typed with the port of HTTPS', 'use `https://`'],
    [
      'a load balancer in front ends TLS, and speaks plain HTTP to the port of HTTPS',
      'lead it to the port of `FAIRLEAD_HTTP`, and name it in `FAIRLEAD_TRUSTED`',
    ],
  ],
  'request-timeout': [
    ['the client sends slowly, or lost its network', 'nothing; docs/limits.md has the deadlines and their settings'],
    [
      'a slow client attack',
      'nothing: this is its end; `FAIRLEAD_LIMIT_CONNECTIONS_PER_ADDRESS` bounds how many connections one address may try it on',
    ],
  ],
  'uri-too-long': [
    ['a form is sent by GET, or a redirect loop adds to the query each time', 'look at the target in the access log'],
    [
      'a regex in `proxy.path` or `proxy.rewrite` is tried on short paths only',
      '`fairlead explain URL` names it and its bound; docs/labels.md says what makes that longer',
    ],
  ],
  'headers-too-large': [
    [
      'cookies of all the applications below one domain add up',
      'set narrower Domain and Path on them; docs/limits.md has the bound and its setting',
    ],
  ],
  'not-implemented': [['a transfer coding other than chunked', 'mend the client: no other is used on the web today']],
  'host-unknown': [
    [
      'no running container has this host in `proxy.host`: a typo in the label or in the address',
      '`fairlead explain URL` names the nearest host',
    ],
    [
      'the container is there but has no route',
      '`fairlead routes` lists it under UNROUTED or PROBLEMS with what to do',
    ],
    ['its last container was removed, and `FAIRLEAD_LINGER` is over', 'start it again'],
    ['the name leads here by DNS and is meant for another machine', 'mend the DNS record'],
  ],
  'no-route': [
    [
      'every route of the host has a `proxy.path` or `proxy.match` that this request does not fit',
      '`fairlead explain URL` says what each lacked; a route without `proxy.path` takes the rest',
    ],
    ['a prefix counts by whole segments: `/api` is not `/api-x`', 'add the other one: `proxy.path=/api,/api-x`'],
  ],
  misdirected: [
    [
      'a browser uses one HTTP/2 connection for several hosts of one certificate, and one of them asks for other TLS settings',
      'nothing: browsers open another connection by themselves',
    ],
    ['SNI and Host differ in a test', 'use `curl --resolve` instead of `-H Host:`'],
  ],
  'https-required': [
    ['`proxy.http=off`, and the client came over plain HTTP', 'use `https://`, or set `proxy.http=redirect`'],
    ['`proxy.tls.client` asks for a certificate of the client', 'use `https://` with that certificate'],
  ],
  'no-backend': [
    [
      'every container of the route has stopped, crashed or was removed',
      '`fairlead routes` has the exit code beside it; `docker logs` says why; `restart: unless-stopped` brings it back',
    ],
    [
      'its HEALTHCHECK or `proxy.health` fails',
      '`/routes` has the status or error of the last check; try it by hand with `docker exec`',
    ],
    [
      'all are paused, drained or have `proxy.weight=0`',
      '`docker unpause`, `POST /backends/<container>/undrain`, or another weight',
    ],
    ['an image without EXPOSE, and no `proxy.port`', 'set `proxy.port`; the problem stands in `/routes`'],
  ],
  'backend-starting': [
    [
      'the application takes longer to start than `proxy.wait` (10 s)',
      'raise `proxy.wait`, or wait: it is tried again all the time',
    ],
    [
      'it listens on another port, or on 127.0.0.1 inside its container',
      '`/routes` shows the address that refuses; set `proxy.port`, and let the application listen on 0.0.0.0',
    ],
    ['its health check has not passed yet', '`/routes` says what the check got; see docs/health.md'],
    [
      'the image has a HEALTHCHECK, which Docker first asks after its interval (30 s where none is set)',
      '`proxy.health=tcp`, which lets it in once its port answers, or a shorter interval',
    ],
    ['it starts, crashes and starts again', '`docker ps` shows the restarts, `docker logs` the reason'],
  ],
  'backend-busy': [
    [
      'more requests at a time than `proxy.maxconn`, for longer than `proxy.maxconn.queue`',
      'scale the service, or raise the limit',
    ],
    ['the backend has become slow, so that requests pile up', 'look at p95 of the route, then at the backend'],
  ],
  'backend-refused': [
    ['nothing listens on the port', '`/routes` shows the address; set `proxy.port` to what the application listens on'],
    ['the application listens on 127.0.0.1 inside its container', 'let it listen on 0.0.0.0'],
    ['the application has just crashed', '`docker logs`'],
  ],
  'backend-timeout': [
    [
      'a slow query or a call to a third party: no byte came for `proxy.timeout.read` (60 s)',
      'look at the slowest requests of the route in the access log (`upstreamMs`); raise `proxy.timeout.read` where it may take so long',
    ],
    [
      'the application waits for itself through the proxy with all its threads in use',
      'give it more, or let it call itself directly',
    ],
    ['the container is frozen or out of CPU', '`docker stats`'],
  ],
  'backend-send-timeout': [
    [
      'the application does not read the upload: its disk is full, or it has stopped reading',
      'look at its logs; `proxy.timeout.send` has the time',
    ],
  ],
  'backend-connect-timeout': [
    ['a firewall between proxy and container drops packets', '`docker network inspect`, and the rules of the host'],
    ['the container is paused or its queue of connections is full', '`docker ps`; scale the service'],
    [
      'the proxy shares another network with it than the one the application listens on',
      'choose one with `proxy.network`',
    ],
  ],
  'backend-reset': [
    [
      'the application crashed or was killed (out of memory) while it worked on the request',
      '`docker inspect` says OOMKilled; `docker logs`',
    ],
    [
      'a POST was under way while its container was stopped: it may have had an effect, so it is not sent again',
      'give the application a graceful stop; `proxy.drain` waits for it',
    ],
    [
      'it closes idle connections earlier than it says',
      'nothing for GET, which is repeated; else raise the keep-alive time of the application',
    ],
  ],
  'backend-invalid': [
    [
      'the port speaks something else: TLS, a database, HTTP/2 only',
      'set `proxy.port`, `proxy.scheme=https` or `proxy.scheme=h2c`',
    ],
    [
      'the application sends heads that can be read in two ways: two Content-Length, spaces in names',
      'ask it by itself (`curl -v` from a container on its network) and mend it',
    ],
  ],
  'backend-tls': [
    [
      '`proxy.scheme=https`, and its certificate is self-signed or for another name',
      'set `proxy.scheme.sni` to the name in it, or, on a network that you trust, `proxy.scheme.verify=false`',
    ],
    ['the port speaks plain HTTP', 'leave `proxy.scheme` out'],
  ],
  'unreachable-network': [
    [
      'proxy and container share no network: compose makes one for each project',
      '`/routes` prints the `docker network connect` that helps now; declare a network as `external` in both files to keep it',
    ],
    ['the network of `proxy.network` does not exist or the proxy is not on it', 'mend the label, or connect the proxy'],
  ],
  'label-invalid': [
    [
      'a label that protects (`auth`, `allow`, `deny`, `limit`, `maxbody`, `tls.client`) has a mistake',
      '`/routes` names it and what was expected; `fairlead check compose.yaml` finds it before the start',
    ],
    [
      'the file of a reference such as `@/run/secrets/users` is gone or unreadable',
      'mount it; it is looked at every two seconds',
    ],
    ['compose ate the `$` of a password hash', '`fairlead hash NAME` makes one without'],
    [
      'it asks for a protection that this version does not have',
      'the problem says which; use another, or leave it out knowingly',
    ],
  ],
  'ws-disabled': [
    [
      '`proxy.ws=false`, also by a profile or a fleet default',
      '`/routes` shows where it came from; set `proxy.ws=true`',
    ],
  ],
  'rate-limited': [
    [
      'somebody asks more often than `proxy.limit`',
      'the access log has who (`client`) and by which limit; `RateLimit` in the answer tells what is left',
    ],
    [
      'all clients count as one: a load balancer or CDN stands in front',
      'name it in `FAIRLEAD_TRUSTED`, so that its X-Forwarded-For is believed',
    ],
    ['a page loads more files at once than burst allows', 'raise `burst`, or give the assets a route of their own'],
  ],
  'body-too-large': [
    ['the upload is larger than `proxy.maxbody`', 'raise it; `/routes` shows where the value came from'],
  ],
  'auth-required': [
    ['no name and password, or wrong ones', 'nothing: the browser asks for them'],
    ['an API client is behind a route with `proxy.auth`', 'except its paths: `proxy.auth.except=/api`'],
  ],
  'auth-unavailable': [
    [
      'the server of `proxy.auth=forward:` is down, slow, or answers neither 2xx nor a refusal',
      'look at its own logs, and whether its container is on a network of the proxy',
    ],
    ['many sign in at once with wrong passwords', 'put `proxy.limit` on the route: it stands before the comparison'],
  ],
  'address-denied': [
    [
      'the address is not in `proxy.allow`, or is in `proxy.deny`',
      '`fairlead explain URL --ip ADDRESS` shows the verdict',
    ],
    ['the real client hides behind a load balancer or CDN', 'name it in `FAIRLEAD_TRUSTED`'],
    ['an IPv6 address came where only IPv4 was allowed', 'add its network'],
  ],
  'client-aborted': [
    [
      'the visitor closed the page or pressed reload',
      'nothing, unless p95 of the route says that they grew tired of waiting',
    ],
    [
      'a load balancer in front gives up earlier than the backend answers',
      'let its timeout be longer than `proxy.timeout.read`',
    ],
  ],
  'proxy-full': [
    [
      'more connections than the limit on open files allows',
      'raise `ulimits: nofile` of the container; docs/limits.md says how many files a connection takes',
    ],
  ],
  'proxy-error': [['a fault of Fairlead', 'please report it with the log lines of this request id']],
};
