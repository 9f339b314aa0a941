import type { HeaderList } from '../../http/header-list.ts';
import { stripTrailers } from '../../http/hop-by-hop.ts';
import type { FieldLines } from './field-lines.ts';
import { LineHeaderList } from './line-header-list.ts';

/** The trailer fields that may be passed on; undefined where there are none. */
export function trailersOf(lines: FieldLines | null): HeaderList | undefined {
  if (lines === null) return undefined;
  const trailers = new LineHeaderList(lines);
  stripTrailers(trailers);
  return trailers.size > 0 ? trailers : undefined;
}
