import type { Container } from '../docker/container.ts';

/** Containers drained at once at most; beyond this the first are let go. */
const drainedMax = 10_000;

/**
 * Containers that an administrator has drained, by id: kept while the engine knows them, through stop and start. Not kept beyond
 * the end of the proxy: what nobody remembers to undo must not outlive a restart.
 */
export class Drained {
  /** With the copy that says so, which is the same as long as the container is. */
  readonly #marked = new Map<string, { of: Container; as: Container } | null>();

  add(containerId: string): void {
    this.#marked.delete(containerId);
    this.#marked.set(containerId, null);
    if (this.#marked.size > drainedMax) this.#marked.delete(this.#marked.keys().next().value as string);
  }

  delete(containerId: string): void {
    this.#marked.delete(containerId);
  }

  has(containerId: string): boolean {
    return this.#marked.has(containerId);
  }

  /** The containers, with those that are drained saying so; forgets those that are gone. */
  mark(containers: readonly Container[]): readonly Container[] {
    if (this.#marked.size === 0) return containers;
    const present = new Set(containers.map(({ id }) => id));
    for (const id of this.#marked.keys()) if (!present.has(id)) this.#marked.delete(id);
    return containers.map((container) => this.#mark(container));
  }

  #mark(container: Container): Container {
    const marked = this.#marked.get(container.id);
    if (marked === undefined) return container;
    if (marked?.of === container) return marked.as;
    const as: Container = Object.freeze({ ...container, drained: true });
    this.#marked.set(container.id, { of: container, as });
    return as;
  }
}
