import type { Container } from '../docker/container.ts';
import { type ShownLabel, shownLabels } from '../labels/shown-labels.ts';
import type { LabelReading } from '../labels/spec.ts';
import type { UnroutedReason } from '../labels/unrouted-reason.ts';
import { choosePort } from './port.ts';

/** A container that has labels for the proxy and no route, and why. */
export interface Unrouted {
  /** Name of the container. */
  readonly container: string;
  readonly id: string;
  /** Of compose; '' without one. */
  readonly service: string;
  readonly image: string;
  readonly state: Container['state'];
  /** Those for the proxy, at most 20; secrets are `…`. */
  readonly labels: readonly ShownLabel[];
  /** One sentence. */
  readonly why: string;
  /** What to do about it; '' where it is as it was meant. */
  readonly suggestion: string;
}

/** Of those that are there, whoever asks for something and gets nothing: no route, or one that leads to no port. */
export function unroutedOf(
  readings: readonly { readonly container: Container; readonly reading: LabelReading }[],
): readonly Unrouted[] {
  return readings.flatMap(({ container, reading }): Unrouted[] => {
    if (container.state === 'removed') return [];
    const reason = reading.unrouted ?? withoutPort(container, reading);
    if (reason === null) return [];
    const { name, id, service, image, state } = container;
    return [{ container: name, id, service, image, state, labels: shownLabels(container), ...reason }];
  });
}

function withoutPort(container: Container, { specs }: LabelReading): UnroutedReason | null {
  if (container.exposedPorts.length > 0 || specs.length === 0) return null;
  if (specs.some(({ options }) => options.redirect !== null || options.port !== null)) return null;
  const [spec] = specs;
  const choice = spec === undefined ? null : choosePort(container, spec);
  return choice === null
    ? null
    : { why: `${choice.reason}, so its routes lead nowhere`, suggestion: choice.problem?.suggestion ?? '' };
}
