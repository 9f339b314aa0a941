import type { Container } from '../docker/container.ts';
import type { EngineStatus, Place } from '../docker/snapshot.ts';
import type { Problem } from '../labels/problem.ts';
import type { RouteSpec } from '../labels/spec.ts';
import { type Address, chooseAddress } from './address.ts';
import { backendCheck } from './backend-check.ts';
import { backendState } from './backend-state.ts';
import { choosePort } from './port.ts';
import { publishedAddress } from './published-address.ts';
import type { BackendCheck, BackendState } from './table.ts';

/** Where a container is dialled for a route, and whether it can take requests. */
export interface Dial {
  /** '' when there is none to dial; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** As of `Address`. */
  readonly otherHosts: readonly string[];
  readonly state: BackendState;
  readonly reason: string;
  readonly check: BackendCheck | null;
  readonly problems: readonly Problem[];
}

/** What stands around the containers. */
export interface Surroundings {
  readonly place: Place;
  engineOf(endpoint: string): EngineStatus | undefined;
  /** For containers that live in another one's network. */
  containerOf(id: string): Container | undefined;
}

/**
 * Decides port, address and state of one container for one route. Never throws. A container that does not run has no
 * address yet, so problems of address are told only of running ones; those of the port are told at once.
 */
export function dial(container: Container, spec: RouteSpec, surroundings: Surroundings): Dial {
  const choice = choosePort(container, spec);
  const address = choice.port === 0 ? noPortNoAddress : addressOf(container, spec, choice.port, surroundings);
  const noAddress = choice.port === 0 ? choice.reason : address.host === '' ? address.reason : null;
  const { state, reason } = backendState(container, spec, noAddress);
  const lives = container.state === 'running' && !container.stopping;
  const problems = [choice.problem, lives ? address.problem : null].filter((problem) => problem !== null);
  const check = backendCheck(container, spec.options, (other) => addressOf(container, spec, other, surroundings).port);
  const { host, port, otherHosts } = address;
  return { host, port, otherHosts, state, reason, check, problems };
}

const noPortNoAddress: Address & { port: number } = { host: '', port: 0, otherHosts: [], reason: '', problem: null };

function addressOf(
  container: Container,
  spec: RouteSpec,
  port: number,
  surroundings: Surroundings,
): Address & { readonly port: number } {
  const remoteHost = surroundings.engineOf(container.endpoint)?.remoteHost ?? '';
  if (remoteHost !== '') return publishedAddress(container, spec, port, { remoteHost });
  return { ...chooseAddress(container, spec, surroundings), port };
}
