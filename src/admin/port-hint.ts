import type { Container } from '../docker/container.ts';

/** Ports that are named; an image may expose a range of thousands. */
const namedMax = 5;

/** Nobody listens at an address, or nothing answers there. */
const unanswered =
  /^(?:connect refused on (?<refused>\S+):|(?<silent>\S+):)(?<port>\d{1,5})(?= \(|: no answer within |$)/;

/**
 * What may be behind a port of a container where nobody listens or answers; '' for another reason. Its ports are named where the
 * one that was dialled is not among them.
 *
 * @param reason why the backend does not take requests.
 */
export function portHint(
  reason: string,
  { exposedPorts, publishedPorts }: Pick<Container, 'exposedPorts' | 'publishedPorts'>,
): string {
  const found = unanswered.exec(reason)?.groups;
  if (found === undefined) return '';
  const host = found.refused ?? found.silent ?? '';
  const port = Number(found.port);
  // One on the network of the host is dialled there.
  const loopback = host === '[::1]' || host.startsWith('127.') ? '' : 'does it listen on 127.0.0.1 alone?';
  // Where the engine is on another machine it is the port that the host publishes.
  const isKnown = exposedPorts.includes(port) || publishedPorts.some(({ hostPort }) => hostPort === port);
  if (exposedPorts.length === 0 || isKnown) return loopback === '' ? '' : `; ${loopback}`;
  const more = exposedPorts.length - namedMax;
  const named = `${exposedPorts.slice(0, namedMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `; the image exposes ${named}${loopback === '' ? '' : `; or ${loopback}`}`;
}
