import { TrustedNetworks } from '../http/forwarded.ts';
import type { Guards } from '../routing/guards.ts';
import type { Step } from './step.ts';
import type { StepAnswer } from './step-answer.ts';

/** Clients whose verdict is remembered: a list is searched from its beginning, and may be long. */
const rememberedMax = 1_024;

const denied: StepAnswer = { kind: 'failure', reason: 'address-denied' };

/** `proxy.allow` and `proxy.deny`, on the real client address. */
export function checkAddress(lists: Pick<Guards, 'allow' | 'deny'>): Step {
  const isAllowed = isAddressAllowed(lists);
  const verdicts = new Map<string, StepAnswer | undefined>();
  return {
    name: 'address',
    request({ clientAddress }) {
      if (verdicts.has(clientAddress)) return verdicts.get(clientAddress);
      const verdict = isAllowed(clientAddress) ? undefined : denied;
      if (verdicts.size >= rememberedMax) verdicts.clear();
      verdicts.set(clientAddress, verdict);
      return verdict;
    },
  };
}

/** Whether an address may come; what is none is not among the allowed. */
export function isAddressAllowed({ allow, deny }: Pick<Guards, 'allow' | 'deny'>): (address: string) => boolean {
  const allowed = allow === null ? null : new TrustedNetworks(allow);
  const refused = new TrustedNetworks(deny);
  return (address) => !refused.has(address) && allowed?.has(address) !== false;
}
