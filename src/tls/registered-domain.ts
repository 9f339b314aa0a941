/**
 * The domain that somebody registered, by which issuers count certificates: the last two labels, or three where the last is a
 * country's and the one before it a word that registries sell under (`co.uk`, `com.au`). A guess, since the list of public
 * suffixes changes weekly and is not ours to keep. Where it is wrong it is nearly always too wide (`a.github.io` and
 * `b.github.io` count as one), which makes a budget smaller, never larger.
 *
 * @param name lower case, without trailing dot; `*.` in front is ignored. An address or a single label is itself.
 */
export function registeredDomain(name: string): string {
  const labels = (name.startsWith('*.') ? name.slice(2) : name).split('.');
  const [last = '', second = ''] = [labels.at(-1), labels.at(-2)];
  if (/^\d+$/.test(last) || last.includes(':')) return labels.join('.');
  const count = last.length === 2 && registryWords.has(second) ? 3 : 2;
  return labels.slice(-count).join('.');
}

/** What stands before a country in the names of registries. */
const registryWords: ReadonlySet<string> = new Set(
  ['ac', 'co', 'com', 'edu', 'gob', 'gov', 'govt', 'gouv', 'go', 'id', 'info', 'ltd', 'me', 'mil', 'ne', 'net'].concat([
    'nhs',
    'nom',
    'or',
    'org',
    'plc',
    'sch',
    'school',
    'web',
  ]),
);

/** Whether certificates cannot be had for all names right below it: `com`, `co.uk`. */
export function isRegistry(name: string): boolean {
  const labels = name.split('.');
  return labels.length === 1 || (labels.length === 2 && registeredDomain(`x.${name}`) !== name);
}
