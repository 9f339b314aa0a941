import type { Outcome } from './attempt.ts';
import type { AcmeWanted, HeldCertificate } from './keeper-tools.ts';

/** What was found when it was asked whose turn it is to order a certificate. */
export type OrderTurn =
  /** Nobody else orders it until `end` was told what came of it; `end` never rejects. */
  | { readonly kind: 'ours'; end(outcome: Outcome): Promise<void> }
  /** Another proxy has had it issued. */
  | { readonly kind: 'found'; readonly held: HeldCertificate }
  | { readonly kind: 'theirs'; readonly notBeforeMs: number; readonly why: string };

/** Proxies that have their certificates together take turns, so that one of them orders each. */
export interface OrderTurns {
  /** @param about `insisted`: a person wants another one, whatever is there. Never rejects. */
  take(
    wanted: AcmeWanted,
    about: { readonly held: HeldCertificate | null; readonly insisted: boolean },
  ): Promise<OrderTurn>;
}

/** Has the work done when it is our turn, and what comes of it told. @param turns null = there is one proxy. */
export async function inTurn(
  turns: OrderTurns | null,
  about: { readonly wanted: AcmeWanted; readonly held: HeldCertificate | null; readonly insisted: boolean },
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  if (turns === null) return work();
  const turn = await turns.take(about.wanted, about);
  switch (turn.kind) {
    case 'found':
      return turn;
    case 'theirs':
      return { ...turn, kind: 'not-yet' };
    case 'ours': {
      const outcome = await work();
      await turn.end(outcome);
      return outcome;
    }
    default:
      return turn satisfies never;
  }
}
