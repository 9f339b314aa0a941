import { readAuthority } from '../http/authority.ts';
import { clearForwarded } from '../http/forwarded.ts';
import { stripHopByHopRequest } from '../http/hop-by-hop.ts';
import type { AskedRequest } from './explain-request.ts';

/** What becomes of the headers of a request before its route is asked, in sentences. */
export function headerNotes({ read, question, urlHost }: AskedRequest): readonly string[] {
  const notes: string[] = [];
  const host = readAuthority(question.authority)?.host;
  if (host !== undefined && host !== urlHost)
    notes.push(`the header Host is what counts: the request is for ${host}, whatever the URL says`);
  if (read === null) return notes;
  const { identity } = read.requester;
  const before = question.headers;
  const without = before.clone();
  stripHopByHopRequest(without);
  const ofConnection = missing(before.flat(), without.flat());
  if (ofConnection.length > 0) notes.push(`${ofConnection.join(', ')}: of the connection, and not passed on`);
  const cleared = without.clone();
  clearForwarded(cleared, identity);
  const dropped = missing(without.flat(), cleared.flat());
  const folded = dropped.filter((name) => name.includes('_'));
  if (folded.length > 0)
    notes.push(
      `${folded.join(', ')}: dropped, because with _ read as - it is a header that the proxy writes or frames by`,
    );
  const gone = dropped.filter((name) => /^(?:proxy|forwarded)$/i.test(name));
  if (gone.length > 0) notes.push(`${gone.join(', ')}: dropped, because backends believe it`);
  const own = dropped.filter((name) => !folded.includes(name) && !gone.includes(name));
  if (own.length > 0) notes.push(`${own.join(', ')}: ${ownNote(identity.trusted, read.client.address)}`);
  if (identity.address !== read.client.address)
    notes.push(`the client is ${identity.address}, says ${read.client.address}, which FAIRLEAD_TRUSTED believes`);
  return notes;
}

function ownNote(trusted: boolean, address: string): string {
  return trusted
    ? `read, because ${address} is in FAIRLEAD_TRUSTED, and written anew`
    : `not believed, because ${address} is not in FAIRLEAD_TRUSTED, and written anew`;
}

/** Names that were there, as they were written, each once. */
function missing(before: readonly string[], after: readonly string[]): readonly string[] {
  const names = (flat: readonly string[]) => flat.filter((_, at) => at % 2 === 0);
  const left = new Set(names(after).map((name) => name.toLowerCase()));
  return [...new Set(names(before).filter((name) => !left.has(name.toLowerCase())))];
}
