import type { Section } from './bench.ts';
import { pinnedMethod } from './field.ts';
import { median } from './statistics.ts';
import type { Table } from './table.ts';

/** One crowd at one proxy. */
export interface CollapseLeg {
  readonly name: string;
  /** Requests that came to the backend. */
  readonly asked: number;
  /** Clients with a request under way just before the backend answered; null where the proxy does not say. */
  readonly waiting: number | null;
  /** With 200. */
  readonly answered: number;
  readonly failed: number;
  /** How many were told which X-Cache-Status. */
  readonly words: Readonly<Record<string, number>>;
  /** From the backend's answer until half of the clients had theirs, and all. */
  readonly halfMs: number;
  readonly lastMs: number;
  /** CPU of the proxy until all waited, connecting included, and from then until all had their answer. */
  readonly askingMs: number;
  readonly answeringMs: number;
  readonly beforeKiB: number;
  readonly waitingKiB: number;
  readonly afterKiB: number;
}

/** Tables and words of `collapse`. */
export function collapseSection(run: {
  readonly legs: readonly CollapseLeg[];
  readonly clients: number;
  readonly clientsWanted: number;
  readonly files: number;
  readonly rounds: number;
  readonly roundsMax: number;
  readonly settleMs: number;
  readonly versions: readonly string[];
}): Section {
  const { legs, clients, clientsWanted, files, rounds, roundsMax, settleMs, versions } = run;
  return {
    title: `${clients} clients ask for one cold object`,
    versions,
    method: [
      pinnedMethod,
      `${clients} clients (bench/lua/crowd.lua), each from an address of its own on loopback, connect; when all are connected, each asks for the same object of 2 KiB, which nobody has asked for before. The backend (bench/lua/backend.lua) counts what comes, and answers ${settleMs / 1000} s after the last client has asked: by then all wait.`,
      `Times run from the moment in which the backend was told to answer. CPU is user and system time of all processes of a proxy. Resident memory of all processes of a proxy (/proc/<pid>/smaps_rollup): after a first load of small GETs, while all wait, and behind the last answer. Each proxy is started afresh; median of ${rounds} start(s), but of the requests to the backend the most.`,
      'Fairlead: a route with `proxy.cache=on`. nginx: `proxy_cache_lock on`, with time enough for the lock; those who wait look every half second. Varnish collapses requests by itself; it is without varnishncsa here.',
    ],
    tables: [answers(legs, clients), cpu(legs, clients), memory(legs, clients)],
    notes: [
      ...(rounds < roundsMax ? [`Only ${rounds} round(s): a try-out, not a measurement.`] : []),
      ...(clients < clientsWanted
        ? [`Only ${clients} clients: this machine allows a process ${files} open files.`]
        : []),
      ...legs.filter(({ failed }) => failed > 0).map(({ name, failed }) => `${name}: ${failed} clients got no 200.`),
    ],
  };
}

const namesOf = (legs: readonly CollapseLeg[]) => [...new Set(legs.map(({ name }) => name))];

function answers(legs: readonly CollapseLeg[], clients: number): Table {
  const rows = namesOf(legs).map((name) => {
    const of = legs.filter((leg) => leg.name === name);
    const waiting = of.flatMap((leg) => leg.waiting ?? []);
    return [
      name,
      String(Math.max(...of.map(({ asked }) => asked))),
      `${Math.min(...of.map(({ answered }) => answered))} of ${clients}`,
      waiting.length === 0 ? '–' : String(Math.min(...waiting)),
      wordsText(of.at(-1)?.words ?? {}),
      median(of.map(({ halfMs }) => halfMs)).toFixed(0),
      median(of.map(({ lastMs }) => lastMs)).toFixed(0),
    ];
  });
  const columns = ['requests to the backend', 'got 200', 'waited together', 'told', 'half after, ms', 'all after, ms'];
  return { title: 'Requests to the backend, and answers', columns: ['proxy', ...columns], rows };
}

function cpu(legs: readonly CollapseLeg[], clients: number): Table {
  const rows = namesOf(legs).map((name) => {
    const of = legs.filter((leg) => leg.name === name);
    const each = (read: (leg: CollapseLeg) => number) => ((median(of.map(read)) * 1000) / clients).toFixed(0);
    return [name, each((leg) => leg.askingMs), each((leg) => leg.answeringMs)];
  });
  return {
    title: 'CPU per client, µs',
    columns: ['proxy', 'connecting and asking', 'being answered and leaving'],
    rows,
  };
}

function memory(legs: readonly CollapseLeg[], clients: number): Table {
  const rows = namesOf(legs).map((name) => {
    const of = legs.filter((leg) => leg.name === name);
    const mebi = (read: (leg: CollapseLeg) => number) => (median(of.map(read)) / 1024).toFixed(1);
    const each = median(of.map(({ waitingKiB, beforeKiB }) => (waitingKiB - beforeKiB) / clients));
    return [
      name,
      ...[mebi((leg) => leg.beforeKiB), mebi((leg) => leg.waitingKiB), mebi((leg) => leg.afterKiB)],
      each.toFixed(1),
    ];
  });
  return {
    title: 'Resident memory, MiB',
    columns: ['proxy', 'before', 'while all wait', 'after', 'KiB per client'],
    rows,
  };
}

/** Such as `1 MISS, 9999 HIT`. */
function wordsText(words: CollapseLeg['words']): string {
  const entries = Object.entries(words).sort(([, a], [, b]) => a - b);
  return entries.map(([word, count]) => `${count} ${word}`).join(', ');
}
