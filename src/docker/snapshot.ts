import type { Container } from './container.ts';

/** One engine in `FAIRLEAD_DOCKER` and how we stand with it. */
export interface EngineStatus {
  readonly endpoint: string;
  readonly connected: boolean;
  /** Since when it is connected or not. */
  readonly sinceMs: number;
  /** For instance `Docker 20.10.24` or `Podman 4.3.1`; '' before the first contact. */
  readonly engine: string;
  /** Negotiated API version, such as `1.41`. */
  readonly apiVersion: string;
  /** Host to dial published ports at when the engine runs on another machine; '' when its containers' own addresses can be dialled. */
  readonly remoteHost: string;
  /** What went wrong last and what to do, while not connected. */
  readonly error: string;
}

/**
 * Where the proxy itself lives, as far as dialling goes: on a host (every bridge network is in reach, and so is 127.0.0.1),
 * or in a container with the networks named here.
 */
export type Place =
  | { readonly kind: 'host' }
  | {
      readonly kind: 'container';
      readonly id: string;
      readonly name: string;
      /** The proxy's container uses the host's network. */
      readonly hostNetwork: boolean;
      readonly networks: readonly { readonly id: string; readonly name: string; readonly gateway: string }[];
    };

/** All that is known about all engines at one moment. */
export interface Snapshot {
  readonly containers: readonly Container[];
  readonly engines: readonly EngineStatus[];
  readonly place: Place;
  /**
   * Every engine has been listed and its containers inspected once. An engine whose first attempt failed is not waited for as
   * soon as another one has been listed; alone it is.
   */
  readonly complete: boolean;
}
