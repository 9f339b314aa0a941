import { reservedWords } from '../../src/labels/label-key.ts';
import type { OptionKey } from '../../src/labels/options.ts';
import { groupOf, hasParts, labelGroups, optionKeys, rowOf } from '../../src/labels/table.ts';

/** docs/labels.md, from the table of labels. */
export function labelsPage(): string {
  return `${[...introduction(), ...labelGroups.flatMap(group), ...reserved()].join('\n')}\n`;
}

function introduction(): string[] {
  const guards = optionKeys.filter((key) => rowOf(key).protective).map((key) => `\`${key}\``);
  return [
    '# Labels',
    '',
    '<!-- Made by `npm run docs` from src/labels/table/: do not edit. -->',
    '',
    'A whole site is one label, `proxy.host=app.example.com`, and `proxy.port=3000` where the image exposes several ports.',
    '[`fairlead check`](check.md) reads the labels of a compose file, or of what is running, and says what is wrong with them;',
    '[labels.schema.json](labels.schema.json) lets an editor do so while you type.',
    '',
    '## Rules',
    '',
    '- `proxy.<option>` configures the base route of a container. `proxy.<name>.<option>` configures a named route: it inherits every',
    '  option of the base but `path`, `match`, `priority` and `redirect`, and overrides what it names. An `alias` is inherited along with the `host`.',
    '- `<name>` is `[a-z0-9][a-z0-9-]*`, at most 63 long, and neither the word of an option nor a reserved one.',
    '- A base without `host` is a template. A named route that would take the same requests as the base is an error.',
    '- Keys are the same in any case; values are trimmed.',
    `- Shorthand: \`proxy.limit=10/s burst=20\` is \`proxy.limit=10/s\` and \`proxy.limit.burst=20\`, for ${shorthands()}.`,
    '  Quotes keep spaces: `proxy.security=true csp="default-src \'self\'"`. A label of its own beats the shorthand. Header texts have none.',
    '- Types: bool `true false on off yes no 1 0` · duration `250ms 30s 5m 24h 30d` (a bare number is seconds) · size `512k 100m 1g` (by 1024) ·',
    '  rate `10/s 100/m 1000/h` · lists are separated by commas · ref `@/run/secrets/x` (a file that the proxy can read) or `env:NAME`.',
    '- `off` is valid for every feature, and beats any default. (In a header text it is just text.)',
    '- Precedence: label > profile (`proxy.use`) > `FAIRLEAD_DEFAULT_<OPTION>` > built-in. What a named route says itself, by label or by a',
    '  profile of its own, beats what it inherits; `proxy.<name>.use=off` leaves the profiles of the base behind.',
    '- `FAIRLEAD_DEFAULT_TIMEOUT_CONNECT=2s` is the default of `timeout.connect` for all containers, `FAIRLEAD_DEFAULT_HEADER_X_FOO` that of header',
    '  `X-Foo`. `FAIRLEAD_PROFILE_STAFF="security=true limit=10/s burst=20"` is what `proxy.use=staff` applies. Neither holds what belongs to one',
    '  container (◦ in the tables).',
    '- Which of several routes takes a request: an exact host before a wildcard (the longer first), a regex and `*`; then an exact path, the',
    '  longest prefix (by whole segments: `/api` is not `/api-x`), a regex or glob, and last `/`; then the most `match` predicates; then',
    '  `priority`; then the oldest container. The same host, path and match in several containers is one pool.',
    '- A regex is written as JavaScript knows it (flag `u`), unanchored, at most 1,000 characters; one that can read a text in ways that double with its length, as `(a+)+`, `(a|a)*` or `(.*/)+`, is refused, and so is one that reads a text in more than 10,000 ways without any repeat.',
    '  What a stranger sends is tried on it up to a length only, because a regex that goes back and tries again takes time by a power of it: 4,096 characters,',
    '  512 where three repeats may end anywhere (a beginning without `^` is one), 160 with four, and so on down to 24; `[^/]+/` and its like, which end at one place, are one all',
    '  together. A longer path is answered with 414 [`uri-too-long`](reasons.md#uri-too-long), a longer host is not of the route. A label that comes below 4,096 is told so. Globs:',
    '  one star is free, several count as repeats do.',
    '- What `host`, `path` and `match` say is the name of the route: it stands in logs, metrics, traces and on the dashboard. A secret has its place in `auth.users` or in a file.',
    '- A route whose `host`, `path` or `match` cannot be read at all is not served: it would take requests that were not meant for it.',
    '- Read per container: 1,000 labels, 64 KiB each (1,000 characters where the value is neither a list nor a text), 1,000 routes (hosts × paths); 100 problems are shown.',
    '',
    '## Mistakes',
    '',
    'An unknown key or a bad value never stops another label, nor another container. It is reported with what was expected, an example and the word that',
    `was likely meant. But what protects (**●** in the tables: ${guards.join(' ')}) fails closed when it cannot be honoured: the route answers 503 with`,
    'reason `label-invalid`. That includes their sub-options, words that are nearly theirs (`proxy.lmit`), a profile that does not exist, a protection of',
    'which no route can be made, and whatever this version reads but cannot apply yet.',
    '',
    'In the column "state", *not yet active* means that the label is read and checked, but not acted on; `/routes` says so for each container that uses it.',
    'Where only some values are not, the column names them.',
    '',
  ];
}

function shorthands(): string {
  return optionKeys
    .filter(hasParts)
    .map((key) => `\`${key}\``)
    .join(', ');
}

function group({ title, keys }: (typeof labelGroups)[number]): string[] {
  const inOrder = keys.toSorted((a, b) => keys.indexOf(groupOf(a)) - keys.indexOf(groupOf(b)));
  return [
    `## ${title}`,
    '',
    '| label | value | default | meaning | tier | state |',
    '| --- | --- | --- | --- | --- | --- |',
    ...inOrder.map(line),
    '',
  ];
}

function line(key: OptionKey): string {
  const row = rowOf(key);
  const name = key === 'header' || key === 'reqheader' ? `${key}.<Name>` : key;
  const marks = `${row.protective ? ' **●**' : ''}${row.ownOnly ? ' ◦' : ''}`;
  const meaning = `${row.help}. \`proxy.${name}=${row.example}\``;
  return `| ${[`\`proxy.${name}\`${marks}`, row.value, row.default, meaning, String(row.tier), state(key)].map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function state(key: OptionKey): string {
  const { active, value, read } = rowOf(key);
  if (typeof active === 'boolean') return active ? 'active' : 'not yet active';
  const words = [...value.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
  const toCome = words.filter((word) => {
    const reading = read(word.replace(/<.*?>/, 'x'), `proxy.${key}`);
    return reading.value !== undefined && !active(reading.value);
  });
  return toCome.length === 0 ? 'active' : `active; ${toCome.map((word) => `\`${word}\``).join(', ')} not yet`;
}

function reserved(): string[] {
  return [
    '## Reserved names',
    '',
    `No route may be called ${[...reservedWords].map((word) => `\`${word}\``).join(' ')}, nor like an option.`,
  ];
}
