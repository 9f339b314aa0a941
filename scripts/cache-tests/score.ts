export interface Suite {
  readonly tests: readonly { readonly id: string; readonly kind?: string; readonly browser_only?: boolean }[];
}

export interface KindScore {
  passed: number;
  of: number;
  /** What did not pass, with the suite's word for it. */
  readonly others: string[];
}

type Verdict = readonly unknown[];

/** How many tests of each kind pass; those for browsers do not count. */
export function scoreOf(
  suites: readonly Suite[],
  verdictOf: (id: string) => Verdict,
  verdicts: Readonly<Record<string, Verdict>>,
): Readonly<Record<string, KindScore>> {
  const score: Record<string, KindScore> = {};
  const wordOf = (verdict: Verdict): string =>
    Object.entries(verdicts).find(([, other]) => other === verdict)?.[0] ?? 'unknown';
  for (const { id, kind = 'required', browser_only } of suites.flatMap(({ tests }) => tests)) {
    if (browser_only) continue;
    score[kind] ??= { passed: 0, of: 0, others: [] };
    const word = wordOf(verdictOf(id));
    score[kind].of++;
    if (word === 'pass' || word === 'yes') score[kind].passed++;
    else score[kind].others.push(`${id} ${word}`);
  }
  return score;
}
