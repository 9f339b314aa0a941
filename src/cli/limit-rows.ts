import { durationText, readDuration } from '../base/duration.ts';
import { readSize, sizeText } from '../base/size.ts';
import { defaultLimits, type Limits } from '../engine/limits.ts';
import { wholeNumber } from '../labels/plain-value.ts';
import { bad, good, orOff, type Reader } from '../labels/value-reading.ts';
import type { SettingRow, SettingRows } from './setting-row.ts';

/** The limits, each with its bounds: a limit that lets nobody in, or everything, is a mistake. */
export const limitRows: SettingRows<Limits> = {
  connectionsMax: row('connectionsMax', {
    name: 'FAIRLEAD_LIMIT_CONNECTIONS',
    ...numbers(16, 1_000_000),
    default: '16384, less where the process may open fewer than two files for each',
    help: 'connections of clients, over all workers; one more takes the place of an idle one, or is closed',
    example: '4096',
  }),
  perAddressMax: {
    name: 'FAIRLEAD_LIMIT_CONNECTIONS_PER_ADDRESS',
    ...numbers(1, 60_000),
    default: 'half of FAIRLEAD_LIMIT_CONNECTIONS',
    builtIn: () => null,
    help: 'connections of one client address (IPv6: of one /64), over all workers; one more takes the place of an idle one of its own, or is closed. Addresses in FAIRLEAD_TRUSTED have no such limit',
    example: '256',
    active: true,
  },
  requestsMax: row('requestsMax', {
    name: 'FAIRLEAD_LIMIT_REQUESTS',
    value: '1–1000000000, or off',
    default: 'off',
    read: orOff(0, wholeNumber(1, 1_000_000_000)),
    help: 'requests on one connection of a client, of which the last is answered with `Connection: close`',
    example: '1000',
  }),
  headBytesMax: row('headBytesMax', {
    name: 'FAIRLEAD_LIMIT_HEAD',
    ...sizes(1024, 1024 ** 2),
    default: '32k',
    help: 'size of a request head, request line included; more is 431',
    example: '64k',
  }),
  uriBytesMax: row('uriBytesMax', {
    name: 'FAIRLEAD_LIMIT_URI',
    ...sizes(256, 1024 ** 2),
    default: '16k',
    help: 'size of the address in a request line; more is 414',
    example: '8k',
  }),
  fieldLinesMax: row('fieldLinesMax', {
    name: 'FAIRLEAD_LIMIT_HEADERS',
    ...numbers(8, 1000),
    default: '128',
    help: 'header lines of a request; more is 431',
    example: '200',
  }),
  paceBytes: row('paceBytes', {
    name: 'FAIRLEAD_LIMIT_PACE',
    ...sizes(1, 1024 ** 2),
    default: '1k',
    help: 'what a request body must bring within each FAIRLEAD_TIMEOUT_STALL, unless it ends; less is 408. 1: any byte will do',
    example: '16k',
  }),
  responseHeadBytesMax: row('responseHeadBytesMax', {
    name: 'FAIRLEAD_LIMIT_RESPONSE_HEAD',
    ...sizes(1024, 1024 ** 2),
    default: '64k',
    help: "size of the head of a backend's answer; more is 502",
    example: '128k',
  }),
  responseLinesMax: row('responseLinesMax', {
    name: 'FAIRLEAD_LIMIT_RESPONSE_HEADERS',
    ...numbers(8, 1000),
    default: '128',
    help: "header lines of a backend's answer; more is 502",
    example: '200',
  }),
  idleSocketsMax: row('idleSocketsMax', {
    name: 'FAIRLEAD_LIMIT_KEPT',
    ...numbers(0, 10_000),
    default: '1024',
    help: 'connections that each worker keeps to each backend between requests',
    example: '32',
  }),
  headTimeoutMs: row('headTimeoutMs', {
    name: 'FAIRLEAD_TIMEOUT_HEAD',
    ...times(1_000, 600_000),
    default: '20s',
    help: 'time for a whole request head; longer is 408',
    example: '10s',
  }),
  idleTimeoutMs: row('idleTimeoutMs', {
    name: 'FAIRLEAD_TIMEOUT_IDLE',
    ...times(1_000, 86_400_000),
    default: '75s',
    help: 'how long a connection of a client is kept between requests',
    example: '30s',
  }),
  stallMs: row('stallMs', {
    name: 'FAIRLEAD_TIMEOUT_STALL',
    ...times(1_000, 86_400_000),
    default: '60s',
    help: 'time for the next part of a request body (408), and for a client, or either side of a WebSocket, to take what it was given (cut)',
    example: '30s',
  }),
  idleSocketMs: row('idleSocketMs', {
    name: 'FAIRLEAD_TIMEOUT_KEPT',
    ...times(1_000, 86_400_000),
    default: '55s',
    help: 'how long a connection to a backend is kept between requests',
    example: '15s',
  }),
  tunnelCloseMs: row('tunnelCloseMs', {
    name: 'FAIRLEAD_TIMEOUT_TUNNEL_CLOSE',
    ...times(100, 30_000),
    default: '1s',
    help: 'what a WebSocket that is told to close has left for its last words',
    example: '5s',
  }),
};

type Numbered = { [K in keyof Limits]: Limits[K] extends number ? K : never }[keyof Limits];

function row(key: Numbered, about: Omit<SettingRow<number>, 'active' | 'builtIn'>): SettingRow<number> {
  return { ...about, builtIn: () => defaultLimits[key], active: true };
}

function numbers(min: number, max: number): { value: string; read: Reader<number> } {
  return { value: `${min}–${max}`, read: wholeNumber(min, max) };
}

function sizes(min: number, max: number): { value: string; read: Reader<number> } {
  return within('a size', { min, max, read: readSize, text: sizeText });
}

function times(min: number, max: number): { value: string; read: Reader<number> } {
  return within('a duration', { min, max, read: readDuration, text: durationText });
}

function within(
  what: string,
  about: { min: number; max: number; read: (text: string) => number | null; text: (value: number) => string },
): { value: string; read: Reader<number> } {
  const { min, max, read, text } = about;
  const range = `from ${text(min)} to ${text(max)}`;
  return {
    value: `${text(min)}–${text(max)}`,
    read: (given) => {
      const value = read(given);
      return value !== null && value >= min && value <= max ? good(value) : bad(`${what} ${range}`);
    },
  };
}
