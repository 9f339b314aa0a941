import uPlot from 'uplot';
import type { Line } from './chart-lines.ts';

const heightPx = 180;
const font = '11px system-ui, sans-serif';

export interface ChartData {
  /** Epoch s. */
  readonly times: readonly number[];
  /** As many values each. */
  readonly lines: readonly Line[];
}

/** `<time-chart>`: some lines over time. What it shows is said in its `aria-label` too. */
class TimeChart extends HTMLElement {
  #times: readonly number[] = [];
  #lines: readonly Line[] = [];
  #plot: uPlot | null = null;
  #madeOf = '';
  #isWaiting = false;
  readonly #resized = new ResizeObserver(() => this.#fit());
  readonly #recoloured = () => this.#make();
  readonly #system = matchMedia('(prefers-color-scheme: dark)');

  set data(data: ChartData) {
    this.#times = data.times;
    this.#lines = data.lines;
    if (this.#plot === null || this.#madeOf !== namesOf(data.lines)) this.#make();
    else this.#plot.setData(this.#columns());
  }

  connectedCallback(): void {
    this.#takeEarlyData();
    this.#resized.observe(this);
    document.addEventListener('themechange', this.#recoloured);
    this.#system.addEventListener('change', this.#recoloured);
    this.#make();
  }

  disconnectedCallback(): void {
    this.#resized.disconnect();
    document.removeEventListener('themechange', this.#recoloured);
    this.#system.removeEventListener('change', this.#recoloured);
    this.#plot?.destroy();
    this.#plot = null;
  }

  /** What it was given before its class was there is a property of its own, in front of the setter. */
  #takeEarlyData(): void {
    const early = Object.getOwnPropertyDescriptor(this, 'data')?.value as ChartData | undefined;
    if (early === undefined) return;
    Reflect.deleteProperty(this, 'data');
    this.data = early;
  }

  /** Once its element is in the page and has all that it is to show. */
  #make(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    queueMicrotask(() => {
      this.#isWaiting = false;
      if (!this.isConnected || this.#lines.length === 0) return;
      this.#plot?.destroy();
      this.#madeOf = namesOf(this.#lines);
      this.#plot = new uPlot(this.#options(), this.#columns(), this);
    });
  }

  #fit(): void {
    if (this.#plot !== null && this.clientWidth > 0) this.#plot.setSize({ width: this.clientWidth, height: heightPx });
  }

  #columns(): uPlot.AlignedData {
    return [[...this.#times], ...this.#lines.map(({ values }) => [...values])];
  }

  #options(): uPlot.Options {
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const axis = { stroke: colour('quiet'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false }, font };
    const [first] = this.#lines;
    return {
      width: Math.max(this.clientWidth, 100),
      height: heightPx,
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(max, 0) * 1.1 || 1] } },
      axes: [
        { ...axis, size: 26, values: (_plot, splits) => splits.map(timeText(splits)) },
        { ...axis, size: 56, values: (_plot, splits) => splits.map((value) => first?.text(value) ?? '') },
      ],
      series: [
        { label: 'UTC', value: (_plot, time: number | null) => (time === null ? 'now' : secondText(time)) },
        ...this.#lines.map(({ name, colour: named, dash, text }, at) => ({
          label: name,
          stroke: colour(named),
          width: 1.5,
          ...(dash === null ? {} : { dash: [...dash] }),
          points: { size: 4 },
          value: (_plot: uPlot, value: number | null) => text(value ?? this.#lines[at]?.values.at(-1) ?? null),
        })),
      ],
    };
  }
}

customElements.define('time-chart', TimeChart);

function namesOf(lines: readonly Line[]): string {
  return lines.map(({ name }) => name).join();
}

/** To the minute, unless lines stand closer than that. */
function timeText([first = 0, second = first + 60]: readonly number[]): (seconds: number) => string {
  return second - first < 60 ? secondText : (seconds) => secondText(seconds).slice(0, 5);
}

function secondText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(11, 19);
}
