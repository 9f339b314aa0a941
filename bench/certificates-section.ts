import type { Section } from './bench.ts';
import { median } from './statistics.ts';
import type { Table } from './table.ts';

/** Of nginx its master and its worker. */
export interface PlaneMemory {
  readonly controlKiB: number;
  readonly dataKiB: number;
}

/** One start of one proxy. */
export interface CertificatesLeg {
  readonly proxy: 'nginx' | 'fairlead';
  /** With a certificate for each host. */
  readonly secure: boolean;
  readonly started: PlaneMemory;
  /** When each certificate was shown once; null without certificates. */
  readonly shown: PlaneMemory | null;
}

interface CertificatesRun {
  readonly legs: readonly CertificatesLeg[];
  readonly hosts: number;
  readonly rounds: number;
  readonly roundsMax: number;
  readonly settleMs: number;
  readonly versions: readonly string[];
}

/** Tables and words of `certificates`. */
export function certificatesSection({ legs, hosts, rounds, roundsMax, settleMs, versions }: CertificatesRun): Section {
  return {
    title: `Memory with ${hosts} certificates`,
    versions,
    method: [
      `${hosts} hosts, each with a P-256 certificate and a key of its own in files: Fairlead's containers come from a pretended engine (bench/fake-engine-process.ts) and carry \`proxy.tls=cert:<name>\`, nginx has a server block for each. Both with one worker.`,
      `Resident memory of each process, code included (/proc/<pid>/smaps_rollup), ${settleMs / 1000} s after the last host could show its certificate, and again ${settleMs / 1000} s after a client (which checked it) was shown every certificate once by a full handshake. Median of ${rounds} start(s). Nothing forces a garbage collection. nginx's worker is forked from its master when the certificates are read, so that it shares most pages with it, which count in both.`,
      'KiB per certificate: the difference to the same proxy with the same hosts and no certificate, of each process, divided by their number.',
    ],
    tables: [memoryTable(legs), perCertificateTable(legs, hosts)],
    notes: rounds < roundsMax ? [`Only ${rounds} round(s): a try-out, not a measurement.`] : [],
  };
}

const proxies = ['nginx', 'fairlead'] as const;
const mib = (kib: number) => (kib / 1024).toFixed(1);
/** Each process for itself: what they share must not count twice. */
const planes = [({ controlKiB }: PlaneMemory) => controlKiB, ({ dataKiB }: PlaneMemory) => dataKiB];
const total = ({ controlKiB, dataKiB }: PlaneMemory) => controlKiB + dataKiB;

/** Nothing where the proxy, or this state of it, was not measured. */
function states(legs: readonly CertificatesLeg[], proxy: string) {
  const of = (secure: boolean) => legs.filter((leg) => leg.proxy === proxy && leg.secure === secure);
  return {
    plain: of(false).map(({ started }) => started),
    started: of(true).map(({ started }) => started),
    shown: of(true).flatMap(({ shown }) => shown ?? []),
  };
}

function memoryTable(legs: readonly CertificatesLeg[]): Table {
  const rows = proxies.flatMap((proxy) => {
    const { plain, started, shown } = states(legs, proxy);
    const row = (what: string, memory: readonly PlaneMemory[]) => [
      `${proxy}, ${what}`,
      ...[...planes, total].map((read) => mib(median(memory.map(read)))),
    ];
    if (plain.length === 0) return [];
    return [
      row('no certificates', plain),
      row('certificates, none shown', started),
      row('certificates, each shown once', shown),
    ];
  });
  return {
    title: 'Resident memory, MiB',
    columns: ['state', 'control plane or master', 'data plane or worker', 'both'],
    rows,
  };
}

function perCertificateTable(legs: readonly CertificatesLeg[], hosts: number): Table {
  const rows = proxies.flatMap((proxy) => {
    const { plain, started, shown } = states(legs, proxy);
    const each = (memory: readonly PlaneMemory[], read: (of: PlaneMemory) => number) =>
      ((median(memory.map(read)) - median(plain.map(read))) / hosts).toFixed(1);
    const columns = [started, shown].flatMap((memory) => planes.map((read) => each(memory, read)));
    return plain.length === 0 ? [] : [[proxy, ...columns]];
  });
  const names = ['control or master', 'data or worker'];
  const columns = [
    'proxy',
    ...names.map((name) => `${name}, none shown`),
    ...names.map((name) => `${name}, each shown`),
  ];
  return { title: 'KiB per certificate', columns, rows };
}
