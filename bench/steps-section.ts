import type { BenchContext, Section } from './bench.ts';
import { foreignMax } from './quiet-slot.ts';
import type { Slots } from './slots.ts';
import type { Spread } from './statistics.ts';
import type { StepsCase } from './steps-cases.ts';

/** Tables and words of `steps`. Throws where a request was refused or failed: a refusal costs something else. */
export function stepsSection(run: {
  readonly slots: Slots;
  readonly work: string;
  /** The first is what the others are compared with. */
  readonly cases: readonly [Pick<StepsCase, 'name' | 'about'>, ...Pick<StepsCase, 'name' | 'about'>[]];
  readonly versions: readonly string[];
  readonly method: readonly string[];
  readonly context: BenchContext;
}): Section {
  const { slots, work, cases, versions, method, context } = run;
  const [bare] = cases;
  const rows = cases.map(({ name, about }) => {
    const verdict = slots.verdict(work, name, bare.name);
    if (verdict === null) return [about, '–', '–', '–'];
    const { perSecond, cpuUs, failed, ratios } = verdict;
    if (failed > 0) throw new Error(`"${about}": ${failed} requests failed or were not answered 2xx`);
    const more = ratios === null || name === bare.name ? '–' : percentMore(ratios.cpu);
    return [about, more, cpuUs.toFixed(1), perSecond.toFixed(0)];
  });
  const { slots: all, disturbed, most } = slots.disturbed(foreignMax);
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
  return {
    title: 'What each label costs',
    versions,
    method: [
      ...method,
      `One Fairlead holds all the routes, which differ in their labels alone; ${context.rounds} rounds, in each of which every route gets two slots of ${context.seconds} s in mirrored order, after five unmeasured seconds for the first and one for each.`,
      `More CPU: user and system time of all its processes per request, in percent of what the route without a label took in the same round; the median, and in brackets the smallest and largest. A slot in which others used more than ${percent(foreignMax)} of all cores is measured once more, and the quieter attempt counts.`,
      'The route without a label goes straight to its backend. All others, whatever the label, take the way through the steps; the backend is asked by all but the hit.',
    ],
    tables: [
      { title: `CPU per request: ${work}`, columns: ['label', 'more CPU, %', 'µs/request', 'requests/s'], rows },
    ],
    notes: [
      ...(context.rounds < 3 ? [`Only ${context.rounds} round(s): a try-out, not a measurement.`] : []),
      ...(disturbed > 0
        ? [
            `${disturbed} of ${all} slots stayed disturbed: others used more than ${percent(foreignMax)} of the machine beside them, at most ${percent(most)}.`,
          ]
        : []),
    ],
  };
}

/** Such as `+2.1 (−0.4 to +3.0)`, of ratios around 1. */
function percentMore({ median, min, max }: Spread): string {
  const [middle, least, most] = [median, min, max].map((ratio) => signed((ratio - 1) * 100));
  return `${middle} (${least} to ${most})`;
}

function signed(percent: number): string {
  const digits = Math.abs(percent).toFixed(1);
  if (digits === '0.0') return '0.0';
  return `${percent < 0 ? '−' : '+'}${digits}`;
}
