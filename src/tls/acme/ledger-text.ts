import { emptyPage, type IssuerPage, type NamePage, type SetPage } from './ledger-page.ts';
import type { PendingOrder } from './order-request.ts';

/** The ledger as it is kept. */
export interface LedgerState {
  /** Time of the ledger, in ms since it was first opened. */
  timeMs: number;
  /** Epoch ms at that time, by the latest that the wall clock ever said. */
  wallMs: number;
  /** Whether the wall clock said so too: if it was behind, nobody can tell from it how much time passes until the next start. */
  isWallRight: boolean;
  /** Until then all limits are halved, since a damaged ledger has forgotten what was spent. */
  carefulUntilMs: number;
  /** Until then nothing is ordered. */
  quietUntilMs: number;
  readonly issuers: Map<string, IssuerPage>;
}

const version = 1;

export function ledgerText(state: LedgerState): string {
  return JSON.stringify({ version, ...state, issuers: [...state.issuers] }, (_, value: unknown) =>
    value instanceof Map ? [...value] : value,
  );
}

/** Reads what `ledgerText` wrote; null for anything else, the text of another version too. */
export function readLedger(text: unknown): LedgerState | null {
  if (typeof text !== 'string') return null;
  try {
    const root = fieldsOf(JSON.parse(text));
    if (root.version !== version) return null;
    return {
      timeMs: number(root.timeMs),
      wallMs: number(root.wallMs),
      isWallRight: root.isWallRight === true,
      carefulUntilMs: number(root.carefulUntilMs),
      quietUntilMs: number(root.quietUntilMs),
      issuers: map(root.issuers, readPage),
    };
  } catch (error) {
    if (error instanceof Damage || error instanceof SyntaxError) return null;
    throw error;
  }
}

class Damage extends Error {}

function readPage(value: unknown): IssuerPage {
  const page = fieldsOf(value);
  return {
    ...emptyPage(),
    orders: times(page.orders),
    stagingOrders: times(page.stagingOrders),
    failures: number(page.failures),
    waitUntilMs: number(page.waitUntilMs),
    retryAfterMs: number(page.retryAfterMs),
    names: map(page.names, readName),
    sets: map(page.sets, readSet),
    domains: map(page.domains, times),
    pending: list(page.pending).map(readPending),
  };
}

function readName(value: unknown): NamePage {
  const name = fieldsOf(value);
  return {
    failures: number(name.failures),
    preflights: number(name.preflights),
    failedAt: times(name.failedAt),
    waitUntilMs: number(name.waitUntilMs),
    retryAfterMs: number(name.retryAfterMs),
    proven: name.proven === true,
    usedMs: number(name.usedMs),
  };
}

function readSet(value: unknown): SetPage {
  const set = fieldsOf(value);
  return { issued: times(set.issued), lifeMs: number(set.lifeMs) };
}

function readPending(value: unknown): PendingOrder {
  const { names, where, rehearsal, isNew, atMs } = fieldsOf(value);
  if (where !== 'production' && where !== 'staging') throw new Damage();
  const texts = list(names).map(string);
  return { names: texts, where, rehearsal: rehearsal === true, isNew: isNew === true, atMs: number(atMs) };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Damage();
  return value as Record<string, unknown>;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Damage();
  return value;
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new Damage();
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw new Damage();
  return value;
}

function times(value: unknown): number[] {
  const read = list(value).map(number);
  if (read.some((atMs, i) => atMs < (read[i - 1] ?? 0))) throw new Damage();
  return read;
}

function map<T>(value: unknown, read: (value: unknown) => T): Map<string, T> {
  return new Map(
    list(value).map((entry) => {
      const [key, item] = list(entry);
      return [string(key), read(item)] as const;
    }),
  );
}
