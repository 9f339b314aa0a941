import type { Container } from '../docker/container.ts';
import type { HealthCheck, Options } from '../labels/options.ts';
import type { BackendCheck } from './table.ts';

/** By options: the same labels give the same object, which is written once and quick to compare. */
const known = new WeakMap<Options, BackendCheck>();

/**
 * How the data plane is to check a container: null where it is not, because its owner wants none or Docker checks it.
 *
 * @param portOf where a port of the container is dialled.
 */
export function backendCheck(
  container: Container,
  options: Options,
  portOf: (port: number) => number,
): BackendCheck | null {
  const health = effectiveHealth(options.health, container);
  switch (health.kind) {
    case 'off':
    case 'docker':
      return null;
    case 'tcp':
    case 'http': {
      const check = known.get(options) ?? toCheck(health, options);
      known.set(options, check);
      return check.kind === 'http' && check.port !== 0 ? { ...check, port: portOf(check.port) } : check;
    }
    default:
      return health satisfies never;
  }
}

type HttpCheck = Extract<HealthCheck, { kind: 'http' }>;
type EffectiveHealth = HttpCheck | { readonly kind: 'tcp' } | { readonly kind: 'docker' } | { readonly kind: 'off' };

/** What `auto` comes to: the image's HEALTHCHECK where it has one, else a connection. */
export function effectiveHealth(health: HealthCheck, { health: state }: Pick<Container, 'health'>): EffectiveHealth {
  if (health.kind === 'http') return health;
  const kind = health.kind === 'auto' ? (state === 'none' ? 'tcp' : 'docker') : health.kind;
  return { kind };
}

function toCheck(health: HttpCheck | { readonly kind: 'tcp' }, options: Options): BackendCheck {
  const pace = {
    intervalMs: options['health.interval'],
    timeoutMs: options['health.timeout'],
    rise: options['health.rise'],
    fall: options['health.fall'],
  };
  if (health.kind === 'tcp') return { kind: 'tcp', ...pace };
  const named = options.host.find((pattern) => pattern.kind === 'exact');
  const host = named?.name ?? '';
  return { kind: 'http', port: health.port ?? 0, path: health.path, host, statuses: options['health.status'], ...pace };
}
