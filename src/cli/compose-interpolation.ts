/** A `$` that compose does not read as its author may have meant it. */
export interface VariableFault {
  /** Of the variable, such as `DOMAIN`; where there is none, the text from the `$` on, cut. */
  readonly name: string;
  /** unset: nothing comes in its place; required (`${NAME:?…}`) and invalid (`${5}`): compose refuses the file. */
  readonly how: 'unset' | 'required' | 'invalid';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A default in a default in a default: deeper ones stay as they are written. */
const depthMax = 20;

/** Replaces variables in all texts of a value as compose does, with faults told as they are met. */
export function interpolate(value: unknown, env: Environment, report: (fault: VariableFault) => void): unknown {
  if (typeof value === 'string') return interpolateText(value, env, report);
  if (Array.isArray(value)) return value.map((item) => interpolate(item, env, report));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, env, report)]));
}

/** `$$`, `$NAME`, `${NAME}`, and with a default, that may hold variables again: `${NAME:-x}`, `${NAME-x}`, `${NAME:?why}`, `${NAME:+x}`. */
export function interpolateText(
  text: string,
  env: Environment,
  report: (fault: VariableFault) => void,
  depth = 0,
): string {
  let result = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0 || depth > depthMax) return result + text.slice(at);
    result += text.slice(at, dollar);
    const rest = text.slice(dollar);
    const plain = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(rest);
    const braced = bracedAt(rest);
    if (rest.startsWith('$$')) {
      result += '$';
      at = dollar + 2;
    } else if (plain !== null) {
      result += variableValue({ name: plain[1] as string, how: '', other: '' }, env, report, depth);
      at = dollar + plain[0].length;
    } else if (braced !== null) {
      result += variableValue(braced, env, report, depth);
      at = dollar + braced.length;
    } else {
      // Before anything but a name and a brace it is a dollar sign.
      if (rest.startsWith('${')) report({ name: /^\$\S{0,19}/.exec(rest)?.[0] ?? '$', how: 'invalid' });
      result += '$';
      at = dollar + 1;
    }
  }
  return result;
}

interface Variable {
  readonly name: string;
  /** `:-`, `-`, `:?`, `?`, `:+`, `+`, or nothing. */
  readonly how: string;
  readonly other: string;
}

/** The variable in braces at the beginning of a text. */
function bracedAt(text: string): (Variable & { readonly length: number }) | null {
  if (!text.startsWith('${')) return null;
  const length = closingBrace(text) + 1;
  const parts = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])(.*))?$/s.exec(text.slice(2, length - 1));
  if (length === 0 || parts === null) return null;
  return { name: parts[1] as string, how: parts[2] ?? '', other: parts[3] ?? '', length };
}

/** Where the brace that opens at 1 closes; -1 when it does not. */
function closingBrace(text: string): number {
  let depth = 0;
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '{' && text[at - 1] === '$') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

function variableValue(
  { name, how, other }: Variable,
  env: Environment,
  report: (fault: VariableFault) => void,
  depth: number,
): string {
  const value = env[name];
  // With a colon an empty value counts as none.
  const isThere = value !== undefined && !(how.startsWith(':') && value === '');
  const otherwise = () => interpolateText(other, env, report, depth + 1);
  if (how.endsWith('+')) return isThere ? otherwise() : '';
  if (isThere) return value;
  if (how.endsWith('-')) return otherwise();
  report({ name, how: how.endsWith('?') ? 'required' : 'unset' });
  return '';
}
