import { bad, type Fault, good, type ValueReading } from './value-reading.ts';

/**
 * What a hash may look like. bcrypt is 60 characters: `$2y$`, the cost, and 53 of salt and hash. `{SCRYPT}` is that of
 * `fairlead hash`: log₂ N, r and p, salt and hash in base64url, parted by dots, so that nothing in it means anything to a
 * shell, to YAML or to compose.
 */
const hashForms = [
  /^\$2[abxy]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/,
  /^\$apr1\$[^$:\s]{1,8}\$[./A-Za-z0-9]{22}$/,
  /^\{SHA\}[A-Za-z0-9+/]{27}=$/,
  /^\{SCRYPT\}1[0-7]\.([1-9]|1\d)\.[1-4]\.[\w-]{16,86}\.[\w-]{22,86}$/,
];

/** Reads htpasswd entries; never repeats one. */
export function readUserEntries(entries: readonly string[]): ValueReading<readonly string[]> {
  for (const entry of entries) {
    const fault = faultOf(entry);
    if (fault !== null) return { faults: [fault] };
  }
  return good(entries);
}

/** Reads a file of htpasswd entries, one a line; what does not begin with a name is told by its line alone. */
export function readUserFile(text: string): ValueReading<readonly string[]> {
  const entries: string[] = [];
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const fault = faultOf(line);
    if (fault !== null) return bad(`htpasswd entries, one a line; line ${at + 1}: ${fault.expected}`);
    entries.push(line);
  }
  return entries.length > 0 ? good(entries) : bad('htpasswd entries, one a line: it holds none');
}

function faultOf(entry: string): Fault | null {
  const [, hash] = /^[^:\s\p{C}]{1,255}:(\S*)$/u.exec(entry) ?? [];
  if (hash === undefined)
    return { expected: 'entries of the form name:hash, as `fairlead hash` prints them, separated by commas' };
  if (hashForms.some((form) => form.test(hash))) return null;
  return { expected: 'a bcrypt, apr1 or {SHA} hash, never a plain password', suggestion: mend(hash) };
}

/** Compose replaces `$x` by a variable and `$$` by `$`: what it has been through, or has not, shows. */
function mend(hash: string): string {
  const single = hash.replaceAll('$$', '$');
  if (single !== hash && hashForms.some((form) => form.test(single)))
    return 'each `$` stands there twice, as compose wants it, but compose has not read it: write each once';
  const eaten = /^\$?(2[abxy]?|apr1)?\$?(\d\d)?\$?$|^\$(2|apr1)|\$\$|^[./A-Za-z0-9]{22,53}$/.test(hash);
  return eaten
    ? 'it looks as if compose ate the `$` of the hash: double each `$`, or use an entry of `fairlead hash`, or @/run/secrets/users'
    : 'make one with `fairlead hash`';
}
