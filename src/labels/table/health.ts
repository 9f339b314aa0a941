import type { HealthCheck, OptionKey } from '../options.ts';
import { listOf, readStatusRange, wholeNumber } from '../plain-value.ts';
import { bad, didYouMean, good, isOff, orOff, type ValueReading } from '../value-reading.ts';
import { countRow, durationRow, type Rows } from './row.ts';

/** When a container counts as able to answer, and what happens when it is not. */
export const healthRows = {
  health: {
    value: '`[:port]/path`, `tcp`, `docker`, `off`',
    default: '`docker` if the image has a HEALTHCHECK, else `tcp`',
    builtIn: { kind: 'auto' },
    off: { kind: 'off' },
    read: readHealth,
    help: 'gate before the first request, and check from then on',
    example: '/up',
    tier: 1,
    active: true,
    perContainer: true,
  },
  'health.interval': durationRow({
    default: '10s',
    help: 'time between two checks',
    tier: 1,
    active: true,
    perContainer: true,
  }),
  'health.timeout': durationRow({
    default: '5s',
    help: 'a check that takes longer has failed',
    tier: 1,
    active: true,
    perContainer: true,
  }),
  'health.rise': countRow({
    default: 1,
    min: 1,
    max: 100,
    help: 'passed checks until it is healthy',
    tier: 1,
    active: true,
    perContainer: true,
  }),
  'health.fall': countRow({
    default: 3,
    min: 1,
    max: 100,
    help: 'failed checks until it is unhealthy',
    tier: 1,
    active: true,
    perContainer: true,
  }),
  'health.status': {
    value: 'list of statuses',
    default: '200-399',
    builtIn: [{ from: 200, to: 399 }],
    read: listOf(readStatusRange),
    help: 'answers that count as passed',
    example: '200-399',
    tier: 1,
    active: true,
    perContainer: true,
  },
  maxfails: countRow({
    default: 3,
    min: 0,
    max: 1_000,
    off: 0,
    help: 'requests that fail by the fault of the container (refused, reset, timed out; no status of an answer) within `failtimeout` until it is left out; 0 = never',
    tier: 1,
    active: true,
    perContainer: true,
  }),
  failtimeout: durationRow({
    default: '30s',
    help: 'how long it is left out while others are there; then one request at a time tries it',
    tier: 1,
    active: true,
    perContainer: true,
  }),
  retries: countRow({
    default: 1,
    min: 0,
    max: 100,
    off: 0,
    help: 'further backends that are tried: on a connect error for any method, later only for idempotent requests',
    tier: 1,
    active: true,
  }),
  'retries.on': {
    value: 'list of statuses',
    default: '–',
    builtIn: [],
    off: [],
    read: orOff([], listOf(wholeNumber(400, 599))),
    help: 'answers that are tried again elsewhere, for idempotent requests',
    example: '502,503,504',
    tier: 1,
    active: true,
  },
  wait: durationRow({
    default: '10s',
    help: 'how long a request is held when no backend can take it; 0 = 503 at once',
    tier: 1,
    active: true,
  }),
  drain: durationRow({
    default: '30s',
    help: 'from the stop signal to the container: no new requests, those in flight finish. When it is over, or a second before Docker kills (`stop_grace_period`, 10 s), WebSockets are told to come again (1001)',
    tier: 1,
    active: true,
    perContainer: true,
  }),
} as const satisfies Partial<Rows<OptionKey>>;

function readHealth(text: string, label: string): ValueReading<HealthCheck> {
  if (isOff(text)) return good({ kind: 'off' });
  const word = text.toLowerCase();
  if (word === 'auto' || word === 'tcp' || word === 'docker') return good({ kind: word });
  const expected = 'a path such as /up or :9000/up, or one of tcp, docker, off';
  const parts = /^(?::(\d{1,5}))?(\/[\x21-\x7e]*)$/.exec(text);
  if (parts !== null) {
    const port = parts[1] === undefined ? null : Number(parts[1]);
    if (port === null || (port >= 1 && port <= 65_535)) return good({ kind: 'http', port, path: parts[2] as string });
    return bad(`${expected}, with a port from 1 to 65535`);
  }
  const url = /^(?:https?:\/\/)?[^/:\s]*(:\d{1,5})?(\/\S*)$/i.exec(text);
  if (url !== null)
    return bad(expected, didYouMean(`${label}=${/^\d+\//.test(text) ? `:${text}` : `${url[1] ?? ''}${url[2]}`}`));
  if (/^:?\d{1,5}$/.test(text)) return bad(expected, didYouMean(`${label}=:${text.replace(':', '')}/`));
  return bad(
    expected,
    /^[a-z0-9._-]+$/i.test(text) && !/^(true|on|yes)$/i.test(text) ? didYouMean(`${label}=/${text}`) : '',
  );
}
