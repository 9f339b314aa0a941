import { reservedWords } from '../../src/labels/label-key.ts';
import type { OptionKey } from '../../src/labels/options.ts';
import { groupOf, hasParts, optionKeys, rowOf } from '../../src/labels/table.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * docs/labels.schema.json, from the table of labels: a JSON Schema (draft 7, which editors know best) of the `labels` in a
 * compose file. It refuses what `fairlead check` refuses and is plain; what only a reader can tell it lets pass.
 */
export function labelsSchema(): string {
  const schema: Schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Labels of Fairlead in a compose file',
    description: 'Made by `npm run docs` from src/labels/table/: do not edit.',
    type: 'object',
    properties: {
      services: {
        type: 'object',
        additionalProperties: {
          type: ['object', 'null'],
          properties: { labels: { $ref: '#/definitions/labels' } },
        },
      },
    },
    definitions: { labels: labels(), ...Object.fromEntries(optionKeys.map((key) => [key, option(key)])) },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Keys of options that are whole labels; the others take the name of a header. */
const plainKeys = optionKeys.filter((key) => key !== 'header' && key !== 'reqheader');

function labels(): Schema {
  const ref = (key: OptionKey): Schema => ({ $ref: `#/definitions/${key}` });
  const names = alternatives([...optionKeys.map((key) => groupOf(key)), ...reservedWords]);
  const route = `(?:(?!(?:${names})\\.)[a-z0-9][a-z0-9-]{0,62}\\.)?`;
  const known = `proxy\\.${route}(?:${alternatives(plainKeys)})`;
  return {
    anyOf: [
      {
        type: 'object',
        // What an editor offers.
        properties: Object.fromEntries(plainKeys.map((key) => [`proxy.${key}`, ref(key)])),
        patternProperties: Object.fromEntries([
          ...plainKeys.map((key) => [`^proxy\\.${anyRoute(key)}${escaped(key)}$`, ref(key)]),
          [`^proxy\\.${anyRoute('header')}header\\..+$`, ref('header')],
          [`^proxy\\.${anyRoute('reqheader')}reqheader\\..+$`, ref('reqheader')],
        ]),
        // Keys are the same in any case; those in lower case, as everybody writes them, are checked.
        propertyNames: {
          anyOf: [{ pattern: '^(?!proxy(\\.[a-z0-9._-]*)?$)' }, { pattern: `^${known}$` }, headers(route)],
        },
      },
      {
        type: 'array',
        items: {
          anyOf: [
            { not: { type: 'string', pattern: '^proxy(\\.[a-z0-9._-]*)?(=|$)' } },
            { pattern: `^${known}(=|$)` },
            headers(route),
          ],
        },
      },
    ],
  };
}

/** Which names are none is said once, in `propertyNames`; only `health.timeout` and its like must not be taken for routes here. */
function anyRoute(key: OptionKey): string {
  const groups = optionKeys.filter((group) => optionKeys.includes(`${group}.${key}` as OptionKey));
  return groups.length === 0 ? '(?:[^.]+\\.)?' : `(?:(?!(?:${alternatives(groups)})\\.)[^.]+\\.)?`;
}

function headers(route: string): Schema {
  return { pattern: `^proxy\\.${route}(?:header|reqheader)\\.[^=]` };
}

function option(key: OptionKey): Schema {
  const row = rowOf(key);
  const state = row.active === false ? ' Not yet active.' : '';
  const about = {
    description: `${row.help}. Value: ${row.value}. Default: ${row.default}.${state}`,
    examples: [row.example],
  };
  const value = plainValue(key);
  if (value === null) return { ...about, type: ['string', 'number', 'boolean', 'null'] };
  const others = [
    // Of a variable compose makes anything.
    { type: 'string', pattern: '\\$' },
    ...(hasParts(key) ? [{ type: 'string', pattern: '=' }] : []),
    ...(row.off === undefined ? [] : [{ enum: [false] }, { type: 'string', pattern: words(['off', 'false', 'no']) }]),
  ];
  return { ...about, anyOf: [...value, ...others] };
}

/** What is plain of a value; null where only its reader can tell. */
function plainValue(key: OptionKey): readonly Schema[] | null {
  const { value, read } = rowOf(key);
  if (value === 'bool')
    return [
      { enum: ['true', 'false'] },
      { type: 'boolean' },
      { enum: [0, 1] },
      { type: 'string', pattern: words(['true', 'false', 'on', 'off', 'yes', 'no', '1', '0']) },
    ];
  const range = /^(\d+)–(\d+)$/.exec(value);
  if (range !== null)
    return [
      { type: 'integer', minimum: Number(range[1]), maximum: Number(range[2]) },
      { type: 'string', pattern: '^\\s*[+-]?[0-9]+\\s*$' },
    ];
  if (/^duration( or off)?$/.test(value))
    return [
      { type: 'number', minimum: 0 },
      { type: 'string', pattern: '^\\s*([0-9]+(\\.[0-9]+)?([mM]?[sS]|[mM]|[hH]|[dD])?)+\\s*$' },
    ];
  if (/^size( or off)?$/.test(value))
    return [
      { type: 'integer', minimum: 0 },
      { type: 'string', pattern: '^\\s*[0-9]+(\\.[0-9]+)?\\s*[kKmMgGtT]?([iI]?[bB])?\\s*$' },
    ];
  const choices = [...value.matchAll(/`([a-z0-9.-]+)`/g)].map(([, word]) => word as string);
  const closed = /^`[a-z0-9.-]+`(, `[a-z0-9.-]+`)*$/.test(value) && read('no-such-word', '').value === undefined;
  return closed ? [{ enum: choices }, { type: 'string', pattern: words(choices) }] : null;
}

/** In any case, with white space around. */
function words(of: readonly string[]): string {
  const anyCase = (word: string) => escaped(word).replace(/[a-z]/g, (char) => `[${char.toUpperCase()}${char}]`);
  return `^\\s*(${of.map(anyCase).join('|')})\\s*$`;
}

function alternatives(of: readonly string[]): string {
  return [...new Set(of)].map(escaped).join('|');
}

function escaped(text: string): string {
  return text.replaceAll('.', '\\.');
}
