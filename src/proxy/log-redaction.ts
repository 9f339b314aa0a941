/**
 * Query parameters whose values are secrets by what they are called: a closed list, which docs/access-log.md repeats. Names are
 * compared without case, `-` is `_`, and of `user[password]` the last part counts as well.
 */
export const secretParameters: readonly string[] = [
  'token access_token refresh_token id_token auth_token csrf_token reset_token api_token key api_key apikey',
  'access_key private_key secret client_secret api_secret jwt bearer password passwd passphrase pass pwd pin',
  'otp auth authorization credential credentials code code_verifier assertion client_assertion samlrequest',
  'samlresponse ticket nonce signature sig hmac x_amz_signature x_amz_security_token x_amz_credential',
  'x_goog_signature x_goog_credential session session_id sessionid sid phpsessid jsessionid',
].flatMap((names) => names.split(' '));

const secrets = new Set(secretParameters);
const hidden = '***';
/** A `;` separates for few backends; for the others it is part of the value. */
const valueEnd = /[&#]/g;
/** Name and password in front of the host of an address. */
const userInfo = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/?#]*@/;

/**
 * An address as it may stand in a log: without the values of secret parameters, and without a name and password for its host.
 * Parameters are also looked for inside another's value, as in `?next=/x?token=1`, and in the fragment that careless clients
 * leave in a Referer, where OAuth puts tokens.
 */
export function redacted(address: string): string {
  // A path has none.
  const text = address.startsWith('/') ? address : address.replace(userInfo, `$1${hidden}@`);
  let equals = text.indexOf('=');
  if (equals < 0) return text;
  let shown = '';
  let at = 0;
  while (equals >= 0) {
    let next = equals + 1;
    const from = nameStart(text, equals, at);
    if (from >= 0 && isSecret(text.slice(from, equals))) {
      valueEnd.lastIndex = next;
      const end = valueEnd.exec(text)?.index ?? text.length;
      shown += `${text.slice(at, next)}${hidden}`;
      at = end;
      next = end;
    }
    equals = text.indexOf('=', next);
  }
  return shown + text.slice(at);
}

/** Where the name in front of an equals sign begins, behind what separates parameters; -1 = it is no parameter's. */
function nameStart(text: string, equals: number, least: number): number {
  for (let at = equals - 1; at >= least; at--) {
    switch (text.charCodeAt(at)) {
      case 0x3f: // ?
      case 0x26: // &
      case 0x3b: // ;
      case 0x23: // #
        return at + 1;
      case 0x3d: // =
        return -1;
    }
  }
  return -1;
}

/** What makes a name differ from how the list has it. */
const isOdd = /[^a-z0-9_]/;

function isSecret(name: string): boolean {
  if (secrets.has(name)) return true;
  if (!isOdd.test(name)) return false;
  const plain = decoded(name).trim().toLowerCase().replaceAll('-', '_');
  if (secrets.has(plain)) return true;
  // PHP and Rails: `user[password]`, `token[]`.
  return plain.includes('[') && plain.split(/[[\]]+/).some((part) => secrets.has(part));
}

/** As a backend would read it; a broken percent-encoding stays as it is. */
function decoded(name: string): string {
  if (!/[%+]/.test(name)) return name;
  return name
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
