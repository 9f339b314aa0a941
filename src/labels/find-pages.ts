import type { ErrorPage, StatusRange } from './options.ts';
import type { PageReading, ReadPage } from './page-file.ts';
import type { Fault } from './value-reading.ts';

/** A rule of `proxy.errors` whose pages are files. */
export type FileRule = ErrorPage & { readonly source: { readonly kind: 'file' } };

/** The pages of a rule that are there, and what is amiss with others. The same object as long as nothing of it changes. */
export interface FoundPages {
  readonly pages: readonly ErrorPage[];
  /** Statuses that were to have a page and have none. */
  readonly missing: readonly StatusRange[];
  readonly faults: readonly Fault[];
}

export type FindPages = (rule: FileRule) => FoundPages;

export function isFileRule(rule: ErrorPage): rule is FileRule {
  return rule.source.kind === 'file';
}

/** More of them say no more. */
const faultsMax = 5;

/**
 * Looks for the pages of a rule. A status that is named by itself is to have its page, and a range at least one; the others of a
 * range may do without.
 */
export function findPages({ statuses, source: { path } }: FileRule, read: ReadPage): FoundPages {
  if (!path.includes('{status}')) {
    const reading = read(path);
    return 'page' in reading
      ? { pages: [{ statuses, source: { kind: 'page', page: reading.page } }], missing: [], faults: [] }
      : { pages: [], missing: statuses, faults: [faultOf(path, reading)] };
  }
  const pages: ErrorPage[] = [];
  const missing: StatusRange[] = [];
  const faults: Fault[] = [];
  for (const range of statuses) {
    const { from, to } = range;
    const before = pages.length;
    let absent: PageReading | null = null;
    for (let status = from; status <= to; status++) {
      const place = path.replaceAll('{status}', String(status));
      const reading = read(place);
      if ('page' in reading)
        pages.push({ statuses: [{ from: status, to: status }], source: { kind: 'page', page: reading.page } });
      else if (reading.isThere) {
        faults.push(faultOf(place, reading));
        missing.push({ from: status, to: status });
      } else absent ??= reading;
    }
    if (absent === null || pages.length > before) continue;
    faults.push(faultOf(placeOf(path, range), absent));
    missing.push(range);
  }
  return { pages, missing, faults: faults.slice(0, faultsMax) };
}

function placeOf(path: string, { from, to }: StatusRange): string {
  return from === to ? path.replaceAll('{status}', String(from)) : `${path} for one of ${from}-${to}`;
}

function faultOf(place: string, reading: PageReading): Fault {
  const { fault, mend } = reading as Exclude<PageReading, { page: unknown }>;
  return {
    expected: `a page at ${place}: ${fault}; the next source, or else the built-in page, stands in`,
    suggestion: mend,
  };
}
