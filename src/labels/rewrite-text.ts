import { readTarget } from '../http/target.ts';
import type { Rewrite } from './options.ts';
import { cheaperRegex, pathCostFaults, regexCharsMax } from './regex-cost.ts';
import { compileRegex, regexFault } from './regex-source.ts';
import { groupsOf, replacementFault } from './replacement-text.ts';
import { bad, didYouMean, good, type ValueReading } from './value-reading.ts';

const expectedRewrite =
  'a path such as /index.php, or a regex and its replacement such as ^/old/(.*) -> /new/$1 (in a compose file $$1)';

/** Reads `proxy.rewrite`: a path, or `regex -> replacement`. */
export function readRewrite(text: string, label: string): ValueReading<Rewrite> {
  const [, source, replacement] = /^(.*?)\s+->\s+(.*)$/s.exec(text) ?? [];
  if (source !== undefined && replacement !== undefined) return readRegexRewrite(source, replacement, label);
  return readPathRewrite(text) ?? bad(expectedRewrite, mendOf(text, label));
}

/** @returns null when it is no path. */
function readPathRewrite(text: string): ValueReading<Rewrite> | null {
  if (!text.startsWith('/') || /\s|->/.test(text)) return null;
  if (/\$[\d<{&]/.test(text))
    return bad('a regex before the replacement, such as ^/old/(.*) -> /new/$1: without one there are no groups');
  if (/\{[a-z_.]*\}/i.test(text))
    return bad('a path as it is: placeholders in braces are for proxy.redirect, and the query is kept');
  const read = readTarget(text);
  if (read === null) return bad('a path as it stands in a URL: without #, % only before two hexadecimal digits');
  return good({ kind: 'path', path: read.normalised + text.slice(read.path.length) });
}

function readRegexRewrite(source: string, replacement: string, label: string): ValueReading<Rewrite> {
  const bare = source.replace(/^~/, '');
  const unusable = regexFault(bare);
  if (unusable !== null) return { faults: [unusable] };
  const written = (mended: string) => `${label}=${source} -> ${mended}`;
  if (/^https?:\/\//i.test(replacement))
    return bad('a path to ask the backend for; to send the client elsewhere, use proxy.redirect');
  if (!/^[\x21-\x7e]+$/.test(replacement))
    return bad('a replacement without spaces, such as ^/old/(.*) -> /new/$1; percent-encode what is not ASCII');
  if (/[#\\]/.test(replacement)) return bad('a replacement without # and \\; groups are written as $1');
  const fault = replacementFault(replacement, groupsOf(compileRegex(bare)), written);
  if (fault !== null) return { faults: [fault] };
  // What begins the path is replaced, so what replaces it begins the new one.
  if (bare.startsWith('^') && /^[^/$]/.test(replacement))
    return bad('a replacement that begins with /', didYouMean(written(`/${replacement}`)));
  return {
    value: { kind: 'regex', source: bare, replacement },
    faults: pathCostFaults(regexCharsMax(bare), cheaperRegex),
  };
}

/** What was meant by something that is neither. */
function mendOf(text: string, label: string): string {
  if (/^[\w.-]+(\/[\w./-]*)?$/.test(text)) return didYouMean(`${label}=/${text}`);
  const arrow = /^(\S+?)\s*(?:->|=>|→)\s*(\S+)$/.exec(text);
  // `rewrite ^/old/(.*)$ /new/$1 break;` is nginx.
  const nginx = /^(?:rewrite\s+)?(\S+)\s+(\/\S*?)(?:\s+(?:last|break))?;?$/.exec(text);
  const [, source, replacement] = arrow ?? nginx ?? [];
  return source === undefined || regexFault(source) !== null ? '' : didYouMean(`${label}=${source} -> ${replacement}`);
}
