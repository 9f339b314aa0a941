/** `$$`, `$NAME`, `${NAME}`, and with a default: `${NAME:-x}`, `${NAME-x}`, `${NAME:?why}`, `${NAME:+x}`. */
const variable = /\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([^}]*))?\})/g;

/** Replaces variables in all texts of a file as compose does; those that have no value are collected in `unset`. */
export function interpolate(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
  unset: Set<string>,
): unknown {
  if (typeof value === 'string') return interpolateText(value, env, unset);
  if (Array.isArray(value)) return value.map((item) => interpolate(item, env, unset));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, env, unset)]));
}

function interpolateText(text: string, env: Readonly<Record<string, string | undefined>>, unset: Set<string>): string {
  return text.replace(variable, (whole, plain?: string, braced?: string, how = '', other = '') => {
    const name = plain ?? braced;
    if (name === undefined) return whole === '$$' ? '$' : whole;
    const value = env[name];
    // With a colon an empty value counts as none.
    const isThere = value !== undefined && !(how.startsWith(':') && value === '');
    if (how.endsWith('+')) return isThere ? other : '';
    if (isThere) return value;
    if (how.endsWith('-')) return other;
    unset.add(name);
    return '';
  });
}
