/** A container that has labels for the proxy and no route, and why. */
export interface Unrouted {
  /** Name of the container. */
  readonly container: string;
  readonly id: string;
  /** Of compose; '' without one. */
  readonly service: string;
  readonly image: string;
  readonly state: string;
  /** Those for the proxy, at most 20; secrets are `…`. */
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  /** One sentence. */
  readonly why: string;
  /** What to do about it; '' where it is as it was meant. */
  readonly suggestion: string;
}
