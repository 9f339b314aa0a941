import type { Container } from './container.ts';
import type { Place } from './snapshot.ts';

/** What a process can learn about where it runs; the text of a file, or null where it cannot be read. */
export interface PlaceHints {
  readonly readFile: (path: string) => string | null;
  /** `HOSTNAME`, which Docker sets to the first 12 digits of the container's id where nobody gave a name. */
  readonly hostname: string;
}

/**
 * What may be the id of the container that this process runs in, best guess first: whole ids of 64 hex digits, and the first
 * 12. Only an engine that knows such a container makes one of them true; a process on a host finds none, or a wrong one.
 */
export function ownIdCandidates({ readFile, hostname }: PlaceHints): readonly string[] {
  // cgroup v1, or v2 without a namespace of its own: /docker/<id>, /docker-<id>.scope, /libpod-<id>.scope.
  const byGroup = matches(readFile('/proc/self/cgroup'), /[/-]([0-9a-f]{64})(?:\.scope)?(?:\/|$)/gm);
  // Engines mount three files of their own into each container. With `network_mode: container:x` they are those of x.
  const byMount = matches(
    readFile('/proc/self/mountinfo'),
    /containers\/([0-9a-f]{64})\/(?:userdata\/)?(?:hostname|resolv\.conf|hosts)\b/g,
  );
  const byName = /^[0-9a-f]{12}$/.test(hostname) ? [hostname] : [];
  return [...new Set([...byGroup, ...byMount, ...byName])];
}

function matches(text: string | null, pattern: RegExp): string[] {
  return [...(text ?? '').matchAll(pattern)].map((match) => match[1] as string);
}

/** Whether a container may be the proxy's own. */
export function isOwn(id: string, candidates: readonly string[]): boolean {
  return candidates.some((candidate) => id.startsWith(candidate));
}

/** Where the proxy lives: in the first container that a candidate names, else on a host. */
export function findPlace(containers: Iterable<Container>, candidates: readonly string[]): Place {
  if (candidates.length === 0) return { kind: 'host' };
  const known = [...containers];
  const own = candidates.map((candidate) => known.find(({ id }) => id.startsWith(candidate))).find((one) => one);
  if (own === undefined) return { kind: 'host' };
  const owner = networkOwner(own, known);
  return {
    kind: 'container',
    id: own.id,
    name: own.name,
    hostNetwork: owner.networkMode === 'host',
    networks: owner.attachments.map(({ networkId, network, gateway }) => ({ id: networkId, name: network, gateway })),
  };
}

/** Containers whose network is another container's, one in the next, at most. */
const joinedMax = 8;

/** With `network_mode: container:x` the networks of x are the proxy's. */
function networkOwner(own: Container, known: readonly Container[]): Container {
  let owner = own;
  for (let joined = 0; joined < joinedMax; joined++) {
    const target = networkTarget(owner.networkMode);
    const next = target === null ? undefined : known.find(({ id, name }) => id === target || name === target);
    if (next === undefined) return owner;
    owner = next;
  }
  return owner;
}

/** The container that `container:<id or name>` speaks of; null for every other network mode. */
export function networkTarget(networkMode: string): string | null {
  return networkMode.startsWith('container:') ? networkMode.slice('container:'.length) : null;
}
