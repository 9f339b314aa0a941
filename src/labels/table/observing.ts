import { allFailures, readErrors } from '../error-list.ts';
import type { ErrorPage, OptionKey, Options } from '../options.ts';
import { choice } from '../plain-value.ts';
import { bad, didYouMean, good, orOff, type ValueReading } from '../value-reading.ts';
import { type Row, type Rows, switchRow } from './row.ts';

/** What people get to see of failures and of traffic, and routes below HTTP. */
export const observingRows = {
  errors: {
    value: '`codes source`; source `/path`, `file:/pages/{status}.html`, `builtin`; several one after the other',
    default: 'builtin',
    builtIn: [{ statuses: allFailures, source: { kind: 'builtin' } }],
    off: [],
    read: orOff([] as readonly ErrorPage[], readErrors),
    help: 'error pages without a helper service: a path of the backend, or a file in the directory of FAIRLEAD_PAGES; the first source that has a page counts',
    example: '404,500-599 file:/pages/{status}.html',
    tier: 1,
    active: true,
  },
  'errors.intercept': switchRow({
    default: false,
    help: 'also for errors that the backend answers',
    tier: 1,
    active: true,
  }),
  log: {
    value: '`on`, `off`, `errors`, 0–1',
    default: 'on',
    builtIn: 'on',
    off: 'off',
    read: readLog,
    help: 'access log; a number is the share of requests that is logged',
    example: 'errors',
    tier: 1,
    active: true,
  },
  'log.format': {
    value: '`json`, `combined`, `proxy`',
    default: 'as FAIRLEAD_ACCESS_LOG_FORMAT',
    builtIn: null,
    off: null,
    read: orOff(
      null as Options['log.format'],
      choice(['json', 'combined', 'proxy'], { clf: 'combined', common: 'combined', nginx: 'proxy' }),
    ),
    help: 'format of its lines: docs/access-log.md shows each',
    example: 'combined',
    tier: 1,
    active: true,
  },
  'log.file': {
    value: 'file name',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null as Options['log.file'], readLogFile),
    help: 'a file of its own in the directory of FAIRLEAD_LOG_DIR: no label chooses a place outside',
    example: 'app.access.log',
    tier: 1,
    active: true,
  },
  metrics: switchRow({
    default: true,
    help: 'series of its own in /metrics; without them it is counted under `(other)`',
    tier: 2,
    active: true,
  }),
  tcp: layerFourRow('TCP'),
  'tcp.proxyprotocol': proxyProtocolRow(),
  udp: layerFourRow('UDP'),
  'udp.proxyprotocol': proxyProtocolRow(),
} as const satisfies Partial<Rows<OptionKey>>;

function readLog(text: string, label: string): ValueReading<Options['log']> {
  if (/^(on|true|yes|1|1\.0*)$/i.test(text)) return good('on');
  if (/^(off|false|no|0|0\.0*)$/i.test(text)) return good('off');
  if (/^errors?$/i.test(text)) return good('errors');
  if (/^0?\.\d{1,6}$/.test(text)) return good(Number(text));
  const percent = /^(\d{1,2})\s*%$/.exec(text)?.[1];
  return bad(
    'on, off, errors or a share between 0 and 1, such as 0.1',
    percent === undefined ? '' : didYouMean(`${label}=${Number(percent) / 100}`),
  );
}

function readLogFile(text: string, label: string): ValueReading<string> {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(text)) return good(text);
  const name = /([A-Za-z0-9][A-Za-z0-9._-]{0,199})$/.exec(text)?.[1];
  return bad(
    'the name of a file in the log directory, such as app.access.log',
    name === undefined ? '' : didYouMean(`${label}=${name}`),
  );
}

function layerFourRow(protocol: string): Row<number | 'sni' | null> {
  return {
    value: 'listen port or `sni`',
    default: '–',
    builtIn: null,
    off: null,
    read: orOff(null as number | 'sni' | null, readListen),
    help: `${protocol} route below HTTP`,
    example: '5432',
    tier: 3,
    active: false,
    ownOnly: true,
  };
}

function readListen(text: string): ValueReading<number | 'sni'> {
  if (/^sni$/i.test(text)) return good('sni');
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
    ? good(Number(text))
    : bad('a port from 1 to 65535, or sni');
}

function proxyProtocolRow(): Row<'v1' | 'v2' | null> {
  return {
    value: '`v1`, `v2`',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null as 'v1' | 'v2' | null, choice(['v1', 'v2'], { '1': 'v1', '2': 'v2', true: 'v2', on: 'v2' })),
    help: 'tell the backend the address of the client',
    example: 'v2',
    tier: 3,
    active: false,
    ownOnly: true,
  };
}
