import type { Container } from '../docker/container.ts';
import type { Place as ProxyPlace } from '../docker/snapshot.ts';
import type { Problem } from '../labels/problem.ts';
import type { LabelReading } from '../labels/spec.ts';
import { labelOf, labelText } from '../routing/option-label.ts';
import type { ComposeProject } from './compose-file.ts';
import type { ComposeService } from './compose-service.ts';

/** The service that is the proxy itself; null where these files have none, or several. */
export function proxyService({ services }: ComposeProject): ComposeService | null {
  const found = services.filter(isProxy);
  return found.length === 1 ? (found[0] as ComposeService) : null;
}

/** The image runs small backends too: `command: whoami`. */
function isProxy({ image, rawEnvironment, command }: ComposeService): boolean {
  const named = /(^|\/)fairlead(:[^/]*|@.*)?$/.test(image);
  const [first = 'serve'] = command.filter((word) => word !== 'fairlead');
  return (
    (named || Object.keys(rawEnvironment).some((name) => name.startsWith('FAIRLEAD_'))) &&
    (first === 'serve' || first.startsWith('-') || !named)
  );
}

/** Where the proxy will dial from; on the host, where every network is in reach, if the files do not say. */
export function placeOf(proxy: ComposeService | null, realName: (key: string) => string): ProxyPlace {
  if (proxy === null) return { kind: 'host' };
  return {
    kind: 'container',
    id: '',
    name: proxy.name,
    hostNetwork: proxy.networkMode === 'host',
    networks: proxy.networks.map((key) => ({ id: realName(key), name: realName(key), gateway: '' })),
  };
}

/** In a file a network is not connected but written down. */
export function asComposeMend(problem: Problem, realNames: ReadonlyMap<string, string>): Problem {
  const [, network, service] = /^docker network connect (\S+) (\S+)$/.exec(problem.suggestion) ?? [];
  if (network === undefined || service === undefined) return problem;
  const key = [...realNames].find(([, real]) => real === network)?.[0] ?? network.replace(/^.*_(?=default$)/, '');
  return { ...problem, suggestion: `add \`${key}\` to the \`networks:\` of ${service}` };
}

/**
 * Where nobody can come to the proxy but through another program, and no program is trusted to say who the client is, all
 * clients have one address: they share one limit, and a list of addresses lets in all of them or none.
 */
export function trustProblems(
  proxy: ComposeService | null,
  readings: readonly { readonly container: Container; readonly reading: LabelReading }[],
): Problem[] {
  if (proxy === null || proxy.ports.length > 0 || proxy.networkMode === 'host') return [];
  const flags = proxy.command.some((word) => word.startsWith('--trusted'));
  if (flags || (proxy.rawEnvironment.FAIRLEAD_TRUSTED ?? '') !== '') return [];
  return readings.flatMap(({ container, reading }) =>
    reading.specs.flatMap((spec): Problem[] => {
      const { limit, 'limit.key': key, allow, deny } = spec.options;
      const option =
        limit !== null && key.kind === 'ip' ? 'limit' : allow !== null ? 'allow' : deny === null ? null : 'deny';
      if (option === null) return [];
      return [
        {
          container: container.name,
          label: labelOf(spec, option),
          value: labelText(spec, option),
          expected: `FAIRLEAD_TRUSTED on ${proxy.name}: it publishes no port, so all requests come through another program, and without it all clients have that one's address`,
          suggestion: `set FAIRLEAD_TRUSTED of ${proxy.name} to the addresses of what stands before it, such as private`,
          severity: 'warning',
        },
      ];
    }),
  );
}
