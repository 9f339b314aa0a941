import { headerPlaceholders } from '../http/request-template.ts';
import type { HeaderEdit } from './header-edit.ts';
import { nearPlaceholder, placeholderList } from './template-text.ts';
import { bad, didYouMean, doubtful, good, type ValueReading } from './value-reading.ts';

/** A token of RFC 9110 §5.6.2. */
export function isHeaderName(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(text);
}

const hopByHop = "it belongs to one connection and is the proxy's own (RFC 9110 §7.6.1)";
const framing = 'it says where a message ends; an edit would let two readers disagree';

/** Headers that no label may touch, and why. */
const untouchable: Readonly<Record<string, string>> = {
  connection: hopByHop,
  'keep-alive': hopByHop,
  'proxy-connection': hopByHop,
  'proxy-authenticate': hopByHop,
  'proxy-authorization': hopByHop,
  te: hopByHop,
  trailer: framing,
  upgrade: hopByHop,
  'http2-settings': hopByHop,
  'transfer-encoding': framing,
  'content-length': framing,
};

/** Clients and servers take heads of 8 to 16 KiB as a whole, node's own client among them. */
const valueCharsMax = 8_192;

/** Reads one `proxy.header.<Name>` or `proxy.reqheader.<Name>`: text sets, `+` appends, `?` only if absent, empty deletes. */
export function readHeaderText(
  group: 'header' | 'reqheader',
  name: string,
  text: string,
  label: string,
): ValueReading<HeaderEdit> {
  const refused = refusedName(group, name);
  if (refused !== null) return bad(refused);
  const sign = /^[+?]/.exec(text)?.[0] ?? '';
  const value = text.slice(sign.length).trim();
  if (/[\r\n\0]/.test(value)) return bad('a header value in one line: a line break would start another header');
  if (value.length > valueCharsMax)
    return bad(`a header value of at most ${valueCharsMax} characters: few clients and servers take more`);
  if (!/^[\t\x20-\x7e]*$/.test(value))
    return bad('a header value of visible ASCII characters and spaces; percent-encode the others');
  if (sign !== '' && value === '')
    return bad(`a value after the \`${sign}\`, such as ${label}=${sign}text; empty deletes the header`);
  const how = sign === '+' ? 'append' : sign === '?' ? 'if-absent' : value === '' ? 'delete' : 'set';
  const edit: HeaderEdit = { name, value, how };
  // Two Host lines, or none, make a request that HTTP/1.1 forbids (RFC 9112 §3.2).
  if (name.toLowerCase() === 'host' && how !== 'set')
    return bad('a plain value for Host, such as backend.internal: a request has exactly one');
  return withKnownPlaceholders(edit, label);
}

function refusedName(group: 'header' | 'reqheader', name: string): string | null {
  const lower = name.toLowerCase();
  if (!isHeaderName(name)) return `the name of a header after proxy.${group}., such as proxy.${group}.X-Frame-Options`;
  if (Object.hasOwn(untouchable, lower)) return `another header: ${name} cannot be edited, ${untouchable[lower]}`;
  if (group === 'header' && lower === 'host')
    return 'another header: Host is a request header, see proxy.reqheader.Host';
  if (group === 'reqheader' && lower === 'expect')
    return 'another header: Expect is answered step by step and cannot be edited (RFC 9110 §10.1.1)';
  return null;
}

/** A warning only: braces have a meaning of their own in some headers. The value may be a secret, so it is not repeated. */
function withKnownPlaceholders(edit: HeaderEdit, label: string): ValueReading<HeaderEdit> {
  const known: readonly string[] = headerPlaceholders;
  for (const [, word = ''] of edit.value.matchAll(/\{([a-z][a-z0-9_]*)\}/gi)) {
    if (known.includes(word)) continue;
    const near = nearPlaceholder(word, known);
    const expected = `one of ${placeholderList(known)}; any other stays as it is written`;
    return doubtful(edit, expected, near === null ? '' : didYouMean(`${label}=…{${near}}…`));
  }
  return good(edit);
}
