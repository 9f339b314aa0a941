import { FieldSet, hopByHopFields } from './field-names.ts';
import type { HeaderList } from './header-list.ts';
import { listItems } from './list-items.ts';

/**
 * What `Connection` cannot take away: routing, framing, the meaning of the body, credentials. RFC 9110 §7.6.1 forbids to name
 * such fields there; who does it all the same wants the next hop to see another request than we did.
 */
const endToEndNames = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'cache-control',
  'authorization',
  'cookie',
  'set-cookie',
  'expect',
  'vary',
]);

/**
 * Removes in place what belongs to the client's connection, and what its `Connection` names. `TE` is reduced to `trailers`,
 * its only member that a gateway can pass on (RFC 9110 §10.1.4). Trailer stays: it announces what is forwarded.
 */
export function stripHopByHopRequest(headers: HeaderList): void {
  if (!headers.mayHave(ofOneConnection)) return;
  const takesTrailers = headers.has('te') && listItems(headers.all('te')).includes('trailers');
  strip(headers);
  if (takesTrailers) headers.set('TE', 'trailers');
  else headers.delete('te');
}

/** The same for a response; a TE in one means nothing and goes as well. */
export function stripHopByHopResponse(headers: HeaderList): void {
  if (!headers.mayHave(ofOneConnection)) return;
  strip(headers);
  headers.delete('te');
}

const ofOneConnection = new FieldSet([...hopByHopFields.names, 'te']);

function strip(headers: HeaderList): void {
  if (headers.has('connection')) {
    const options = namedFields(headers.all('connection'));
    if (options.size > 0) {
      headers.filter((lower) => !hopByHopFields.has(lower) && !options.has(lower));
      return;
    }
  }
  headers.drop(hopByHopFields);
}

/** What `Connection` names besides what goes anyway, or must stay whoever names it. */
function namedFields(lines: readonly string[]): ReadonlySet<string> {
  if (lines.length === 1 && isOption(lines[0] as string)) return noFields;
  return new Set(listItems(lines).filter((name) => !isOption(name) && !endToEndNames.has(name)));
}

const noFields: ReadonlySet<string> = new Set();

/** Says something about the connection itself, or names what goes anyway. */
function isOption(name: string): boolean {
  return name === 'close' || name === 'te' || hopByHopFields.has(name);
}

/**
 * Removes in place the trailer fields that a recipient might take for more than what they are: framing, routing, credentials,
 * conditions, the fields the proxy writes itself, and names that a CGI-style backend folds into one of these
 * (RFC 9110 §6.5.1).
 */
export function stripTrailers(trailers: HeaderList): void {
  trailers.filter((lower) => isTrailer(lower.replaceAll('_', '-')));
}

const neverTrailers = new Set([
  ...hopByHopFields.names,
  ...endToEndNames,
  'te',
  'trailer',
  'content-range',
  'max-forwards',
  'range',
  'pragma',
  'age',
  'date',
  'expires',
  'location',
  'retry-after',
  'www-authenticate',
  'forwarded',
  'proxy',
  'x-real-ip',
  'x-request-id',
]);

function isTrailer(name: string): boolean {
  return !neverTrailers.has(name) && !name.startsWith('x-forwarded-') && !name.startsWith('if-');
}
