import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFieldLines } from '../../../src/engine/h1/field-lines.ts';
import { LineHeaderList } from '../../../src/engine/h1/line-header-list.ts';
import { FieldSet, hopByHopFields, ownFields, underscoredFields } from '../../../src/http/field-names.ts';
import { HeaderBlock, linesText } from '../../../src/http/header-block.ts';
import { FlatHeaderList, type HeaderList } from '../../../src/http/header-list.ts';
import { fc } from '../../support/properties.ts';

/** Names with a number, of a group, with `_`, and others; in some case. */
const aName = fc
  .constantFrom('host', 'te', 'connection', 'x-forwarded-for', 'x-forwarded-ssl', 'x_real_ip', 'cookie', 'x', 'accept')
  .chain((name) => fc.constantFrom(name, name.toUpperCase(), `${name[0]?.toUpperCase()}${name.slice(1)}`));
const aValue = fc.stringMatching(/^(?:[!-~](?:[ -~]{0,8}[!-~])?)?$/);
const aSet = fc.constantFrom(hopByHopFields, ownFields, underscoredFields, new FieldSet(['te', 'host']));
const someFields = fc.array(fc.tuple(aName, aValue), { maxLength: 6 });

interface Change {
  apply(list: HeaderList): void;
  /** For the report of a counterexample. */
  toString(): string;
}

const aChange: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(aName, aValue).map(([name, value]) => change(`set ${name}`, (list) => list.set(name, value))),
  fc.tuple(aName, aValue).map(([name, value]) => change(`append ${name}`, (list) => list.append(name, value))),
  aName.map((name) => change(`delete ${name}`, (list) => list.delete(name))),
  aSet.map((set) => change(`drop ${set.mask}`, (list) => list.drop(set))),
  aSet.map((set) => change(`filterIn ${set.mask}`, (list) => list.filterIn(set, (_, value) => value.length > 3))),
  fc.constant(change('filter', (list) => list.filter((lower, value) => lower.length + value.length > 6))),
  someFields.map((fields) => change('appendBlock', (list) => list.appendBlock(new HeaderBlock(fields.flat())))),
);

function change(what: string, apply: Change['apply']): Change {
  return { apply, toString: () => what };
}

function lineList(fields: readonly (readonly [string, string])[], space: string): LineHeaderList {
  const text = `${fields.map(([name, value]) => `${name}:${space}${value}\r\n`).join('')}\r\n`;
  // Something stands before the head, as a request line or the answer before it would.
  const lines = readFieldLines(Buffer.from(`GET /${text}`, 'latin1'), 5, 5, text);
  assert.ok(lines);
  return new LineHeaderList(lines);
}

test('a header section over text behaves as one over a list, whatever is done to it', () => {
  fc.assert(
    fc.property(
      someFields,
      fc.constantFrom('', ' ', '  ', '\t'),
      fc.array(aChange, { maxLength: 6 }),
      (fields, space, changes) => {
        const lines = lineList(fields, space);
        const flat = new FlatHeaderList(fields.flat());
        for (const { apply } of changes) {
          apply(lines);
          apply(flat);
        }
        assert.deepEqual(lines.flat(), flat.flat());
        assert.equal(lines.size, flat.size);
        for (const name of [
          'host',
          'TE',
          'connection',
          'X-Forwarded-For',
          'x_real_ip',
          'Cookie',
          'x',
          'accept',
          'none',
        ]) {
          assert.equal(lines.get(name), flat.get(name), `get ${name}`);
          assert.deepEqual(lines.all(name), flat.all(name), `all ${name}`);
          assert.equal(lines.only(name), flat.only(name), `only ${name}`);
          assert.equal(lines.has(name), flat.has(name), `has ${name}`);
        }
        for (const set of [hopByHopFields, ownFields, underscoredFields])
          if (flat.mayHave(set)) assert.ok(lines.mayHave(set), 'a line is there');
        assert.deepEqual(lines.clone().flat(), flat.flat());
      },
    ),
    { numRuns: 1000 },
  );
});

test('what is left of it is written line by line, with one space behind each colon', () => {
  fc.assert(
    fc.property(
      someFields,
      fc.constantFrom(' ', '  ', '\t'),
      fc.array(aChange, { maxLength: 4 }),
      (fields, space, changes) => {
        const lines = lineList(fields, space);
        for (const { apply } of changes) apply(lines);
        assert.equal(lines.lines(), linesText(lines.flat()));
      },
    ),
  );
});
