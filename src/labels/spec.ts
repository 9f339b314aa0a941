import type { HostPattern } from './host-pattern.ts';
import type { Options } from './options.ts';
import type { PathPattern } from './path-pattern.ts';
import type { Predicate } from './predicate.ts';
import type { Problem } from './problem.ts';
import type { UnroutedReason } from './unrouted-reason.ts';

/** Where an effective option came from. */
export type OptionSource = 'label' | `profile:${string}` | 'fleet-default' | 'built-in';

/** What one container asks for in one route. Plain frozen data. */
export interface RouteSpec {
  /** '' for the base route, else `<name>` of `proxy.<name>.<option>`. */
  readonly name: string;
  readonly hosts: readonly HostPattern[];
  readonly paths: readonly PathPattern[];
  readonly match: readonly Predicate[];
  readonly priority: number;
  /** Effective value of every option. */
  readonly options: Options;
  /** Where each option that is not built-in came from, and as what text; keys as in `Options`. */
  readonly sources: Readonly<
    Record<string, { readonly source: OptionSource; readonly text: string; readonly label: string }>
  >;
  /** Protective labels that cannot be honoured (unreadable, or not yet active): the route must answer 503 label-invalid. */
  readonly closedBy: readonly Problem[];
}

export interface LabelReading {
  readonly specs: readonly RouteSpec[];
  readonly problems: readonly Problem[];
  /** Why there are no specs, where there are labels for the proxy. */
  readonly unrouted: UnroutedReason | null;
}
