import { readTarget } from '../http/target.ts';
import type { Rewrite } from '../labels/options.ts';
import { regexCharsMax } from '../labels/regex-cost.ts';
import { compileRegex } from '../labels/regex-source.ts';
import { groupsOf, type ReplacementPart, readReplacement } from '../labels/replacement-text.ts';
import type { Step } from './step.ts';

/** The target that the backend gets, or why it gets none. */
export type Rewritten = { readonly target: string } | { readonly reason: 'bad-request' | 'uri-too-long' };

/** `proxy.rewrite`: the backend sees another path, and is not told of the one that was asked for. */
export function rewritePath(rewrite: Rewrite): Step {
  const rewritten = pathRewriter(rewrite);
  return {
    name: 'rewrite',
    request({ request }) {
      const verdict = rewritten(request.target);
      if ('reason' in verdict) return { kind: 'failure', reason: verdict.reason };
      request.target = verdict.target;
      return undefined;
    },
  };
}

/** As long as a request target may be by default; one that came in longer may stay as long as it was. */
const targetCharsMax = 16 * 1024;

/**
 * How a target is rewritten. A regex sees the path as routes are matched on it, percent-encoding kept, and the first match in it is
 * replaced; a target in which it matches nothing is left as it was sent. What comes out is read like the target of a client:
 * a group may cut a percent-encoding in two, and then there is no way to read it.
 */
export function pathRewriter(rewrite: Rewrite): (target: string) => Rewritten {
  const replaced = rewrite.kind === 'path' ? () => rewrite.path : regexReplacer(rewrite);
  const matchedCharsMax = rewrite.kind === 'path' ? Number.POSITIVE_INFINITY : regexCharsMax(rewrite.source);
  return (target) => {
    const read = readTarget(target);
    if (read === null) return { reason: 'bad-request' };
    if (read.normalised.length > matchedCharsMax) return { reason: 'uri-too-long' };
    const charsMax = Math.max(targetCharsMax, target.length);
    const made = target === '*' ? null : replaced(read.normalised, charsMax);
    if (made === null) return { target };
    const whole = made.includes('?') ? made.replace(/^([^?]*)\?$/, '$1') : made + target.slice(read.path.length);
    if (whole.length > charsMax) return { reason: 'uri-too-long' };
    const result = whole.startsWith('/') ? readTarget(whole) : null;
    if (result === null) return { reason: 'bad-request' };
    return { target: result.normalised + whole.slice(result.path.length) };
  };
}

/**
 * What becomes of a path; null = the regex matches nothing in it.
 *
 * @param charsMax what is longer is cut short somewhere beyond.
 */
type Replacer = (path: string, charsMax: number) => string | null;

function regexReplacer({ source, replacement }: Rewrite & { readonly kind: 'regex' }): Replacer {
  const regex = compileRegex(source);
  const { parts } = readReplacement(replacement, groupsOf(regex));
  return (path, charsMax) => {
    const match = regex.exec(path);
    if (match === null) return null;
    let made = path.slice(0, match.index);
    let inQuery = false;
    const add = (text: string): void => {
      made += inQuery ? asQueryValue(text) : text;
    };
    for (const part of parts) {
      if (typeof part !== 'string') add(groupText(match, part));
      else {
        made += part;
        inQuery ||= part.includes('?');
      }
      if (made.length > charsMax) return made;
    }
    add(path.slice(match.index + match[0].length));
    return made;
  };
}

function groupText(match: RegExpExecArray, { group }: Exclude<ReplacementPart, string>): string {
  return (typeof group === 'number' ? match[group] : match.groups?.[group]) ?? '';
}

/** What is text in a path would part one value from the next in a query: `/a&admin=1` must stay one value. */
function asQueryValue(text: string): string {
  return text.replace(/[&;=+]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
