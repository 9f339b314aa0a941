import { html, type TemplateResult } from 'lit-html';

const width = 60;
const height = 16;

/** The rates of the last minute as a line. The number beside it says the same to those who do not see it. */
export function sparkline(rates: readonly number[]): TemplateResult {
  const most = Math.max(...rates, Number.MIN_VALUE);
  const points = rates.map((rate, at) => {
    const x = width - rates.length + at + 1;
    return `${x},${(height - 1 - (rate / most) * (height - 3)).toFixed(1)}`;
  });
  return html`<svg class="spark" viewBox="0 0 60 16" preserveAspectRatio="none" aria-hidden="true"><polyline points=${points.join(' ')}></polyline></svg>`;
}
