import { TrustedNetworks } from '../http/forwarded.ts';
import type { Guards } from '../routing/guards.ts';
import type { Step } from './step.ts';
import type { StepAnswer } from './step-answer.ts';

/** Clients whose verdict is remembered: a list is searched from its beginning, and may be long. */
const rememberedMax = 1_024;

const denied: StepAnswer = { kind: 'failure', reason: 'address-denied' };

/** `proxy.allow` and `proxy.deny`, on the real client address. What is no IP address is not let in. */
export function checkAddress({ allow, deny }: Pick<Guards, 'allow' | 'deny'>): Step {
  const allowed = allow === null ? null : new TrustedNetworks(allow);
  const refused = new TrustedNetworks(deny);
  const verdicts = new Map<string, StepAnswer | undefined>();
  const judge = (address: string): StepAnswer | undefined =>
    refused.has(address) || allowed?.has(address) === false ? denied : undefined;
  return {
    name: 'address',
    request({ clientAddress }) {
      if (verdicts.has(clientAddress)) return verdicts.get(clientAddress);
      const verdict = judge(clientAddress);
      if (verdicts.size >= rememberedMax) verdicts.clear();
      verdicts.set(clientAddress, verdict);
      return verdict;
    },
  };
}
