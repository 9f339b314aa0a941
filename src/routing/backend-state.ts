import { durationText } from '../base/duration.ts';
import type { Container } from '../docker/container.ts';
import type { RouteSpec } from '../labels/spec.ts';
import { effectiveHealth } from './backend-check.ts';
import { labelOf } from './option-label.ts';
import type { Backend, BackendState } from './table.ts';

export interface StateAndReason {
  readonly state: BackendState;
  /** In words for a person; '' when it is healthy. */
  readonly reason: string;
}

const healthy: StateAndReason = { state: 'healthy', reason: '' };

/**
 * What a container can do for a route, from what the engine says of it. Its life comes first (a stopped container needs no
 * address), then whether it can be dialled (`noAddress` says why not), then what its health check says.
 */
export function backendState(container: Container, spec: RouteSpec, noAddress: string | null): StateAndReason {
  switch (container.state) {
    case 'removed':
      return { state: 'stopped', reason: 'the container was removed' };
    case 'created':
      return { state: 'stopped', reason: 'created, never started' };
    case 'exited':
      return {
        state: 'stopped',
        reason: `exited with code ${container.exitCode}${memory(container)}${logs(container)}`,
      };
    case 'dead':
      return {
        state: 'stopped',
        reason: `dead, exit code ${container.exitCode}${memory(container)}${logs(container)}`,
      };
    case 'restarting':
      return {
        state: 'starting',
        reason: `restarting, exit code ${container.exitCode}${memory(container)}${logs(container)}`,
      };
    case 'paused':
      return { state: 'paused', reason: '`docker unpause` brings it back' };
    case 'running':
      return running(container, spec, noAddress);
    default:
      return container.state satisfies never;
  }
}

/** As people are told: a container without weight is well, and yet takes nothing new. */
export function shownState({ state, reason, weight }: Pick<Backend, 'state' | 'reason' | 'weight'>): StateAndReason {
  return state === 'healthy' && weight === 0 ? { state: 'draining', reason: 'proxy.weight=0' } : { state, reason };
}

function running(container: Container, spec: RouteSpec, noAddress: string | null): StateAndReason {
  if (container.stopping) return { state: 'draining', reason: 'was sent its stop signal' };
  if (container.drained) return { state: 'draining', reason: 'drained by an administrator' };
  if (noAddress !== null) return { state: 'unreachable', reason: noAddress };
  // A check of our own is the data plane's to make and to tell.
  if (effectiveHealth(spec.options.health, container).kind !== 'docker') return healthy;
  switch (container.health) {
    case 'starting':
      return { state: 'starting', reason: notPassed(container, spec) };
    case 'unhealthy':
      return { state: 'unhealthy', reason: 'its health check fails' };
    default:
      return healthy;
  }
}

function notPassed({ healthEveryMs }: Container, spec: RouteSpec): string {
  const pace = healthEveryMs === undefined ? '' : `, asked at least every ${durationText(healthEveryMs)}`;
  const what = `Docker's HEALTHCHECK of the image has not passed yet${pace}`;
  return `${what}; \`${labelOf(spec, 'health')}=tcp\` lets it in once its port answers`;
}

function logs({ name }: Container): string {
  return `; see \`docker logs ${name}\``;
}

function memory(container: Container): string {
  return container.outOfMemory ? ', out of memory' : '';
}
