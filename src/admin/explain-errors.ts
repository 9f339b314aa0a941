import type { ErrorPage, StatusRange } from '../labels/options.ts';
import type { ErrorPolicy } from '../routing/table.ts';

/** With `{status}` in a path there may be one for each. */
const shownMax = 10;

/** Which page stands for which status. */
export function errorsText({ pages, intercept }: ErrorPolicy): string {
  const all = pages.map(({ statuses, source }) => `${statuses.map(rangeText).join(',')}: ${sourceText(source)}`);
  const shown = all.slice(0, shownMax);
  if (all.length > shownMax) shown.push(`and ${all.length - shownMax} more`);
  return `${shown.join('; ')}; ${intercept ? 'also' : 'not'} for what the backend answers`;
}

function rangeText({ from, to }: StatusRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function sourceText(source: ErrorPage['source']): string {
  switch (source.kind) {
    case 'page':
      return `the file ${source.page.path}`;
    case 'file':
      return `the file ${source.path}`;
    case 'path':
      return `${source.path} of the backend`;
    case 'builtin':
      return 'the built-in page';
    default:
      return source satisfies never;
  }
}
