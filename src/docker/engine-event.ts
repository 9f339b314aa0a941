import { inner, numberAt, own, shapeOf, textAt } from '../base/shape.ts';
import { hasProxyLabel } from './listed-container.ts';
import { signalNumber } from './signal-number.ts';

/** One line of `GET /events`, as far as it can be believed: a hint where to look. */
export type EngineEvent =
  | {
      readonly type: 'container';
      readonly action: string;
      readonly id: string;
      /** Engine's clock, epoch ms with decimals. */
      readonly atMs: number;
      /** Number of the signal of a `kill`; null = not readable. A label called `signal` takes its place in the event. */
      readonly signal: number | null;
      readonly hasProxyLabel: boolean;
    }
  /** A container joined or left a network; podman does not say which. */
  | { readonly type: 'network'; readonly containerId: string | null };

/**
 * Asked of the engine, so that the three events of each health probe never travel. `remove` and `cleanup` are podman's
 * words; Docker matches `health_status` with the word that follows it.
 */
export const eventFilters = {
  type: ['container', 'network'],
  event: [
    ...['create', 'start', 'restart', 'kill', 'die', 'stop', 'oom', 'pause', 'unpause', 'health_status', 'rename'],
    ...['update', 'destroy', 'remove', 'cleanup', 'connect', 'disconnect'],
  ],
} as const;

/** null for what is no event, or of a kind that says nothing about containers. Never throws. */
export function readEvent(line: string): EngineEvent | null {
  const event = shapeOf(parsed(line));
  const actor = inner(event, 'Actor');
  const attributes = inner(actor, 'Attributes');
  const action = textAt(event, 'Action');
  switch (textAt(event, 'Type')) {
    case 'network': {
      if (action !== 'connect' && action !== 'disconnect') return null;
      const id = textAt(attributes, 'container').toLowerCase();
      return { type: 'network', containerId: isId(id) ? id : null };
    }
    case 'container': {
      const id = textAt(actor, 'ID').toLowerCase();
      if (!isId(id)) return null;
      return {
        type: 'container',
        action,
        id,
        // Without nanoseconds the end of the second: a run that began in it counts as the one that was meant.
        atMs: numberAt(event, 'timeNano') / 1e6 || numberAt(event, 'time') * 1000 + 999,
        signal: action === 'kill' ? signalNumber(own(attributes, 'signal')) : null,
        hasProxyLabel: hasProxyLabel(attributes),
      };
    }
    default:
      return null;
  }
}

function isId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
