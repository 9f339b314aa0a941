import type { AuthPolicy } from '../routing/guards.ts';
import type { RoutePolicy } from '../routing/table.ts';
import { basicAuth } from './basic-auth.ts';
import { checkAddress } from './check-address.ts';
import { compress } from './compress.ts';
import { cors } from './cors.ts';
import { editRequestHeaders, editResponseHeaders } from './edit-headers.ts';
import { forwardAuth } from './forward-auth.ts';
import { limitBody } from './limit-body.ts';
import { limitRate } from './limit-rate.ts';
import { rewritePath } from './rewrite-path.ts';
import { setSecurityHeaders } from './security.ts';
import type { Step } from './step.ts';
import type { StepWorld } from './step-world.ts';
import { stripPrefix } from './strip-prefix.ts';

/** The steps of a route by phase, in their fixed order. */
export interface StepList {
  readonly request: readonly (Step & Required<Pick<Step, 'request'>>)[];
  readonly intake: readonly (Step & Required<Pick<Step, 'intake'>>)[];
  readonly response: readonly (Step & Required<Pick<Step, 'response'>>)[];
  readonly wrap: readonly (Step & Required<Pick<Step, 'wrap'>>)[];
}

/**
 * The one order of all steps (docs/life-of-a-request.md). What costs least and needs least comes first: an address is known
 * before a word is read; a limit stands before passwords, which are dear to compare and worth guessing; who may not enter learns
 * nothing of what a body may weigh.
 */
export function compileSteps(policy: RoutePolicy, world: StepWorld): StepList {
  const { guards } = policy;
  const steps: Step[] = [];
  if (guards.allow !== null || guards.deny.length > 0) steps.push(checkAddress(guards));
  if (guards.limit !== null) steps.push(limitRate(guards.limit, world.buckets, world.line));
  // Before auth: a browser sends no password with a preflight.
  if (policy.cors !== null) steps.push(cors(policy.cors));
  if (guards.auth !== null) steps.push(authStep(guards.auth, world));
  if (guards.bodyBytesMax !== null) steps.push(limitBody(guards.bodyBytesMax));
  if (policy.compress !== null) steps.push(compress(policy.compress, world));
  if (policy.strip !== '') steps.push(stripPrefix(policy.strip));
  if (policy.rewrite !== null) steps.push(rewritePath(policy.rewrite));
  if (policy.requestHeaders.length > 0) steps.push(editRequestHeaders(policy.requestHeaders));
  // Before the edits: what a label says of one header by name beats what it says of six.
  if (policy.securityHeaders.length > 0) steps.push(setSecurityHeaders(policy.securityHeaders));
  if (policy.responseHeaders.length > 0) steps.push(editResponseHeaders(policy.responseHeaders));
  return {
    request: steps.filter((step) => step.request !== undefined) as StepList['request'][number][],
    intake: steps.filter((step) => step.intake !== undefined) as StepList['intake'][number][],
    response: steps.filter((step) => step.response !== undefined) as StepList['response'][number][],
    wrap: steps.filter((step) => step.wrap !== undefined) as StepList['wrap'][number][],
  };
}

function authStep(policy: AuthPolicy, { passwords, upstream }: StepWorld): Step {
  return policy.kind === 'basic' ? basicAuth(policy, passwords) : forwardAuth(policy, upstream);
}
