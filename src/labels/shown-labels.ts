import type { Container } from '../docker/container.ts';
import { isProxyLabel, readLabelKey } from './label-key.ts';
import { meantLabel } from './near-prefix.ts';
import { isSecretKey, shownValue } from './problem-text.ts';

export interface ShownLabel {
  readonly name: string;
  /** Cut to 200 characters; a secret is `…`. */
  readonly value: string;
}

const shownMax = 20;

/** Labels of a container that are for the proxy, or were most likely meant to be. */
export function shownLabels({ labels }: Pick<Container, 'labels'>): readonly ShownLabel[] {
  const ours = Object.entries(labels).flatMap(([name, value]) => {
    const meant = isProxyLabel(name) ? name.trim() : meantLabel(name);
    return meant === null ? [] : [{ name, meant, value: String(value) }];
  });
  return ours
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, shownMax)
    .map(({ name, meant, value }) => ({
      name: shownValue(name, false),
      value: shownValue(value, isSecretKey(meant, readLabelKey(meant, new Set()))),
    }));
}
