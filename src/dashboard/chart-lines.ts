import type { RouteHistory } from '../admin/live/live-view.ts';
import { msText } from '../base/ms-text.ts';
import { rateText } from './format.ts';

/** One line of a chart. */
export interface Line {
  readonly name: string;
  /** A variable of the stylesheet. */
  readonly colour: string;
  /** Lengths of strokes and gaps, so that lines differ without their colours too; null = drawn through. */
  readonly dash: readonly number[] | null;
  readonly values: readonly (number | null)[];
  text(value: number | null): string;
}

/** What one entry of the history is about. */
const entrySeconds = 5;

export function statusLines({ s2xx, s3xx, s4xx, s5xx }: RouteHistory): readonly Line[] {
  const line = (name: string, colour: string, dash: Line['dash'], counts: readonly number[]): Line => ({
    ...{ name, colour, dash },
    values: counts.map((count) => count / entrySeconds),
    text: (value) => (value === null ? '–' : rateText(value)),
  });
  return [
    line('2xx', 'live', null, s2xx),
    line('3xx', 'accent', [2, 3], s3xx),
    line('4xx', 'degraded', [8, 3], s4xx),
    line('5xx', 'down', [8, 3, 2, 3], s5xx),
  ];
}

export function latencyLines({ p50, p95, p99 }: RouteHistory): readonly Line[] {
  const line = (name: string, colour: string, dash: Line['dash'], values: Line['values']): Line => ({
    ...{ name, colour, dash, values },
    text: msText,
  });
  return [line('p50', 'accent', null, p50), line('p95', 'degraded', [8, 3], p95), line('p99', 'down', [2, 3], p99)];
}

/** The newest values in words: `2xx 12, 3xx 0, …`. */
export function linesText(lines: readonly Line[]): string {
  return lines.map(({ name, values, text }) => `${name} ${text(values.at(-1) ?? null)}`).join(', ');
}
