import { bucketScope } from '../limit/bucket-table.ts';
import { standing } from '../limit/gcra.ts';
import { limitKey } from '../limit/limit-key.ts';
import { rateField, ratePolicyField, retryAfterField } from '../limit/rate-fields.ts';
import type { SharedBuckets } from '../limit/shared-buckets.ts';
import type { WaitingLine } from '../limit/waiting-line.ts';
import type { LimitPolicy } from '../routing/guards.ts';
import type { Step, StepContext, StepVerdict } from './step.ts';

/** `proxy.limit`: too many are refused, or with `.delay` wait for their turn. Every answer of the route says how the client stands. */
export function limitRate(
  policy: LimitPolicy,
  buckets: Pick<SharedBuckets, 'take'>,
  line: Pick<WaitingLine, 'wait'>,
): Step {
  const { rate, burst, delay, key, status } = policy;
  const terms = { intervalMs: rate.perMs / rate.count, burst };
  const scope = { text: policy.scope, id: bucketScope(policy.scope) };
  const policyField = ratePolicyField(rate);
  const refusal = { kind: 'failure', reason: 'rate-limited', status } as const;
  const verdict = (context: StepContext, backlogMs: number): StepVerdict => {
    const found = standing(backlogMs, terms);
    context.rate = rateField(found);
    context.limit = found.admitted ? 'passed' : 'refused';
    if (!found.admitted) return { ...refusal, fields: { 'Retry-After': retryAfterField(found) } };
    if (!delay || found.waitMs < 1) return undefined;
    const turn = line.wait(found.waitMs, context.gone);
    context.limit = turn === null ? 'refused' : 'delayed';
    return turn === null ? refusal : turn.then(() => undefined);
  };
  return {
    name: 'limit',
    request(context) {
      const found = buckets.take(scope, limitKey(key, context), terms);
      return typeof found === 'number'
        ? verdict(context, found)
        : found.then((backlogMs) => verdict(context, backlogMs));
    },
    response({ rate: field }: StepContext, head) {
      if (field === null) return;
      head.headers.append('RateLimit-Policy', policyField);
      head.headers.append('RateLimit', field);
    },
  };
}
