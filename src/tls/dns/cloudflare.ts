import { type CloudflareAccess, type CloudflareApi, cloudflareApi } from './cloudflare-api.ts';
import { dnsFailure } from './dns-failure.ts';
import type { TxtProvider } from './txt-provider.ts';

/** The shortest that Cloudflare gives everybody. */
const ttlSeconds = 60;

/** Taking a record away is nobody's to abort; each request is bounded in itself. */
const never = new AbortController().signal;

/** Error codes of Cloudflare: an identical record is there already; there is no such record. */
const identicalRecord = 81_058;
const noSuchRecord = 81_044;

interface Zone {
  readonly id: string;
  readonly name: string;
}

/** Sets records through Cloudflare's API v4 (developers.cloudflare.com/api). */
export function cloudflare(access: CloudflareAccess): TxtProvider {
  const api = cloudflareApi(access);
  return {
    valuesMax: 1_000,
    async present({ owner }, value, signal) {
      const zone = await findZone(owner, { api, signal });
      const id = await createRecord({ zone, owner, value }, { api, signal });
      return () => deleteRecord({ zone, id, owner }, api);
    },
  };
}

interface Calling {
  readonly api: CloudflareApi;
  readonly signal: AbortSignal;
}

/** Which zones there are, only the token knows: the longest that the name ends with is its zone. */
async function findZone(owner: string, { api, signal }: Calling): Promise<Zone> {
  const labels = owner.split('.');
  // No top-level domain is a zone of Cloudflare's customers.
  for (let skipped = 0; skipped <= labels.length - 2; skipped += 1) {
    const name = labels.slice(skipped).join('.');
    const doing = `to look for the zone ${name}`;
    const answer = await api.call({ method: 'GET', path: `/zones?name=${encodeURIComponent(name)}`, doing }, signal);
    const [zone] = answer.items;
    if (zone) return { id: zone.id, name };
  }
  throw dnsFailure(
    `Cloudflare shows this token no zone that ${owner} is in: give it the permissions Zone:Read and DNS:Edit for that zone`,
  );
}

/** @returns the id of the record, also of one that was left behind by an earlier attempt. */
async function createRecord(
  about: { readonly zone: Zone; readonly owner: string; readonly value: string },
  { api, signal }: Calling,
): Promise<string> {
  const { zone, owner, value } = about;
  const path = `/zones/${zone.id}/dns_records`;
  const doing = `to add a record to ${owner} in the zone ${zone.name}`;
  const body = { type: 'TXT', name: owner, content: value, ttl: ttlSeconds };
  const made = await api.call({ method: 'POST', path, body, doing, expects: [identicalRecord] }, signal);
  if (made.items[0]) return made.items[0].id;
  const query = `?type=TXT&name=${encodeURIComponent(owner)}&per_page=100`;
  const listed = await api.call({ method: 'GET', path: path + query, doing }, signal);
  // Cloudflare writes the quotes of a zone file around some contents and not around others.
  const same = listed.items.find(({ content }) => content.replace(/^"(.*)"$/, '$1') === value);
  if (same) return same.id;
  throw dnsFailure(
    `Cloudflare made a record of ${owner} without saying which, or says it is there and does not list it`,
  );
}

async function deleteRecord(
  about: { readonly zone: Zone; readonly owner: string; readonly id: string },
  api: CloudflareApi,
): Promise<void> {
  const path = `/zones/${about.zone.id}/dns_records/${about.id}`;
  const doing = `to delete a record of ${about.owner} in the zone ${about.zone.name}`;
  await api.call({ method: 'DELETE', path, doing, expects: [noSuchRecord] }, never);
}
