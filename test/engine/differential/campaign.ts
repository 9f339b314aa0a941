import { fc } from '../../support/properties.ts';
import { minimise } from './minimise.ts';

/** What is sent through the engines, and how it is judged. */
export interface Campaign<Case> {
  readonly name: string;
  readonly cases: fc.Arbitrary<Case>;
  readonly open: () => Promise<Judge<Case>>;
  /** The same case with other bytes; `inParts` = cut wherever it can be. */
  readonly withBytes: (one: Case, bytes: string, how: { readonly inParts: boolean }) => Case;
  readonly bytesOf: (one: Case) => string;
  /** As a line of the corpus. */
  readonly entry: (one: Case) => string;
}

export interface Judge<Case> {
  /** What must not be. */
  readonly check: (one: Case) => Promise<string[]>;
  readonly close: () => void;
}

export interface Failure {
  /** The fault without the bytes of the case: by this, failures of one cause are told from others. */
  readonly kind: string;
  readonly faults: readonly string[];
  /** The smallest case that fails in the same way, as a line of the corpus. */
  readonly entry: string;
}

export interface Tally {
  readonly done: number;
  readonly failed: number;
}

/** Cases are made in batches, each from a seed of its own, so that a long run does not have to hold them all. */
const batchCases = 500;
/** Side by side in this process, so that they share the turns of its event loop. */
const judgesMax = 4;
/** So many failures of one kind are cut down and shown. */
const shownMax = 2;

/** Runs so many cases; what fails is cut down to the bytes it takes. */
export async function run<Case>(
  campaign: Campaign<Case>,
  {
    cases,
    seed,
    onBatch = () => {},
    onFailure = () => {},
  }: {
    readonly cases: number;
    readonly seed: number;
    readonly onBatch?: (tally: Tally) => void;
    readonly onFailure?: (failure: Failure) => void;
  },
): Promise<{ failures: Failure[]; failed: number }> {
  const failures: Failure[] = [];
  let failed = 0;
  const judges = await Promise.all(Array.from({ length: judgesMax }, () => campaign.open()));
  for (let done = 0; done < cases; ) {
    const numRuns = Math.min(batchCases, cases - done);
    const batch = fc.sample(campaign.cases, { numRuns, seed: batchSeed(seed, done / batchCases) }).values();
    const work = judges.map(async (_, i) => {
      // One iterator for all: whoever is free takes the next.
      for (const one of batch) {
        const faults = await checked(campaign, judges, i, one);
        if (faults.length === 0) continue;
        failed++;
        const kind = kindOf(faults[0] as string);
        if (failures.filter((known) => known.kind === kind).length >= shownMax) continue;
        const failure = { kind, faults, entry: campaign.entry(await smallest(campaign, judges, i, one, kind)) };
        failures.push(failure);
        onFailure(failure);
      }
    });
    await Promise.all(work);
    done += numRuns;
    onBatch({ done, failed });
  }
  for (const judge of judges) judge.close();
  return { failures, failed };
}

const hang = 'hangs';

/** A judge that waits in vain is of no more use, and replaced. */
async function checked<Case>(campaign: Campaign<Case>, judges: Judge<Case>[], i: number, one: Case): Promise<string[]> {
  const judge = judges[i] as Judge<Case>;
  try {
    return await judge.check(one);
  } catch (error) {
    judge.close();
    judges[i] = await campaign.open();
    return [`${hang}: ${String(error)}`];
  }
}

async function smallest<Case>(
  campaign: Campaign<Case>,
  judges: Judge<Case>[],
  i: number,
  one: Case,
  kind: string,
): Promise<Case> {
  // Each try would take as long as patience lasts.
  if (kind === hang) return one;
  const withBytes = (bytes: string): Case => campaign.withBytes(one, bytes, { inParts: kind.includes('in parts') });
  const fails = async (bytes: string): Promise<boolean> =>
    (await checked(campaign, judges, i, withBytes(bytes))).some((fault) => kindOf(fault) === kind);
  const bytes = campaign.bytesOf(one);
  return (await fails(bytes)) ? withBytes(await minimise(bytes, fails)) : one;
}

function kindOf(fault: string): string {
  return fault.replace(/[:[{"(].*/s, '').trim();
}

function batchSeed(seed: number, batch: number): number {
  return (Math.imul(seed, 1_000_003) + batch) | 0;
}

/** As it would stand in a source file. */
export function literal(latin1: string): string {
  const escapes: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', "'": "\\'", '\\': '\\\\' };
  const text = latin1.replace(
    /[^\x20-\x7e]|['\\]/g,
    (character) => escapes[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `'${text}'`;
}
