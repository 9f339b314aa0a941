import { inner, shapeOf, textAt } from '../../base/shape.ts';
import { nonsense } from './acme-answer.ts';
import type { AcmeTransport } from './acme-transport.ts';

/** What of an issuer's directory (RFC 8555 §7.1.1) an order goes by; the library reads the rest. */
export interface AcmeDirectory {
  /** Where renewal times can be asked (RFC 9773); null = the issuer suggests none. */
  readonly renewalInfoUrl: string | null;
  /** Names of the profiles on offer. */
  readonly profiles: readonly string[];
}

/** @throws AcmeFailure where it cannot be had or is none. */
export async function readDirectory(transport: AcmeTransport): Promise<AcmeDirectory> {
  const { data } = await transport.get('directory', transport.issuer.directoryUrl);
  const shape = shapeOf(data);
  const missing = ['newNonce', 'newAccount', 'newOrder'].filter((name) => !URL.canParse(textAt(shape, name)));
  if (missing.length > 0) {
    throw nonsense(`this is no ACME directory, it lacks ${missing.join(', ')}`, { stage: 'directory', data });
  }
  const renewalInfo = textAt(shape, 'renewalInfo');
  return {
    renewalInfoUrl: URL.canParse(renewalInfo) ? renewalInfo : null,
    profiles: Object.keys(inner(inner(shape, 'meta'), 'profiles')),
  };
}
