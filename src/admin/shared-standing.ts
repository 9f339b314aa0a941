import type { Problem } from '../labels/problem.ts';

/** How the store stands that several proxies share (`FAIRLEAD_STORE`). Plain data, without secrets. */
export interface SharedStanding {
  /** `redis://redis:6379` */
  readonly address: string;
  readonly connected: boolean;
  /** Connected, or away, since then; epoch ms. */
  readonly sinceMs: number;
  /** Why it is away; '' while it is connected. */
  readonly why: string;
  readonly limits: {
    /** Counted over all proxies; else by this one alone. */
    readonly shared: boolean;
    /** Why not; '' where they are. */
    readonly why: string;
  };
  readonly purges: {
    /** Of this proxy, that the others have not been told of. */
    readonly untold: number;
    /** Why those of others are not heard; '' where they are. */
    readonly why: string;
  };
}

/** What keeps proxies from sharing what they are meant to share. @param standing null = nothing is shared. */
export function sharedProblems(standing: SharedStanding | null): readonly Problem[] {
  if (standing === null) return [];
  const { connected, why, limits, purges } = standing;
  if (!connected)
    return [
      problem(
        `a store that can be reached; ${why}. Meanwhile limits are counted by this proxy alone, and purges reach the others once it is back`,
      ),
    ];
  return [
    ...(limits.shared
      ? []
      : [problem(`a store that counts in time; ${limits.why}: limits are counted by this proxy alone`)]),
    ...(purges.why === ''
      ? []
      : [
          problem(
            `a store that tells what other proxies say; ${purges.why}: their purges are not heard, and their challenges not shown`,
          ),
        ]),
  ];
}

function problem(expected: string): Problem {
  return { container: '', label: 'FAIRLEAD_STORE', value: '', expected, suggestion: '', severity: 'warning' };
}
