import { dnsFailure } from './dns-failure.ts';
import { type DnsResolver, lookUp } from './dns-resolver.ts';
import type { ChallengeRecord } from './txt-provider.ts';

/** Resolvers give up earlier. */
const cnamesMax = 8;

/**
 * Where the record for a name goes: issuers follow CNAMEs from `_acme-challenge.<name>`, so that a zone can leave its challenges
 * to another one.
 *
 * @throws AcmeFailure where CNAMEs lead nowhere.
 */
export async function challengeRecord(name: string, resolver: DnsResolver): Promise<ChallengeRecord> {
  const first = `_acme-challenge.${name}`;
  let owner = first;
  for (let followed = 0; followed <= cnamesMax; followed += 1) {
    const found = await lookUp(resolver.resolveCname(owner));
    if (found.kind !== 'found') return { name, owner, isCertain: found.kind === 'missing' };
    owner = found.values[0] ?? owner;
  }
  throw dnsFailure(`${first} is a CNAME that leads through more than ${cnamesMax} others: mend it in the zone`);
}
