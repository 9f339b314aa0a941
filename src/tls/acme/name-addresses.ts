import { isIP } from 'node:net';
import type { FindingKind } from './finding.ts';

/** As `Resolver` of node:dns/promises; rejects with codes such as ENOTFOUND, ENODATA, ESERVFAIL. */
export interface NameResolver {
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
}

export type NameAddresses =
  | { readonly kind: 'resolved'; readonly addresses: readonly string[] }
  | Extract<FindingKind, { kind: 'unresolved' }>;

/** Of each family; who has more has a load balancer and knows what it does. */
const addressesMax = 4;

/** The addresses of a name as DNS has them, whatever the hosts file says; an address is its own. */
export async function lookUp(name: string, resolver: NameResolver, signal: AbortSignal): Promise<NameAddresses> {
  if (isIP(name) !== 0) return { kind: 'resolved', addresses: [name] };
  const [six, four] = await Promise.all([
    answered(() => resolver.resolve6(name), signal),
    answered(() => resolver.resolve4(name), signal),
  ]);
  const addresses = [...six.addresses.slice(0, addressesMax), ...four.addresses.slice(0, addressesMax)];
  if (addresses.length > 0) return { kind: 'resolved', addresses };
  const codes = [four.code, six.code];
  if (codes.includes('ENOTFOUND')) return { kind: 'unresolved', answer: 'no-name', detail: 'NXDOMAIN' };
  const unsure = codes.find((code) => code !== '' && code !== 'ENODATA');
  if (unsure !== undefined) return { kind: 'unresolved', answer: 'no-answer', detail: unsure };
  return { kind: 'unresolved', answer: 'no-address', detail: '' };
}

/** `code` '' = there was an answer, if only an empty one. */
async function answered(
  ask: () => Promise<string[]>,
  signal: AbortSignal,
): Promise<{ readonly addresses: readonly string[]; readonly code: string }> {
  const { promise, resolve } = Promise.withResolvers<{ addresses: readonly string[]; code: string }>();
  const late = () => resolve({ addresses: [], code: 'ETIMEOUT' });
  if (signal.aborted) late();
  signal.addEventListener('abort', late, { once: true });
  ask().then(
    (addresses) => resolve({ addresses, code: '' }),
    (error: NodeJS.ErrnoException) => resolve({ addresses: [], code: error.code ?? 'EUNKNOWN' }),
  );
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', late);
  }
}
