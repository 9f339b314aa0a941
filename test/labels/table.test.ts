import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignWords } from '../../src/labels/foreign-words.ts';
import { readLabelKey } from '../../src/labels/label-key.ts';
import { groupOf, isOptionKey, labelGroups, optionKeys, rowOf } from '../../src/labels/table.ts';

const texts = optionKeys.filter((key) => key !== 'header' && key !== 'reqheader');

test('the example of every option reads without a fault', () => {
  for (const key of texts) {
    const reading = rowOf(key).read(rowOf(key).example, `proxy.${key}`);
    assert.deepEqual(reading.faults, [], key);
    assert.notEqual(reading.value, undefined, key);
  }
});

test('a default that is written as a plain value reads as what is built in', () => {
  for (const key of texts) {
    const row = rowOf(key);
    const text = row.default.replace(/^`(.*)`$/, '$1');
    const reading = row.read(text, `proxy.${key}`);
    const isValue = text !== '–' && reading.value !== undefined && reading.faults.length === 0;
    if (isValue && !/^(as|the|whatever|host and|true if) /.test(text))
      assert.deepEqual(reading.value, row.builtIn, key);
  }
});

test('off reads as off, wherever an option has it', () => {
  for (const key of texts) {
    const row = rowOf(key);
    if ('off' in row && typeof row.builtIn !== 'string') assert.deepEqual(row.read('off', '').value, row.off, key);
  }
});

test('every option that guards a site is marked as protective', () => {
  const protective = optionKeys.filter((key) => rowOf(key).protective);
  assert.deepEqual(protective.toSorted(), ['allow', 'auth', 'deny', 'limit', 'maxbody', 'tls.client', 'use']);
});

test('no sub-option is called host, path or port, and each belongs to an option', () => {
  for (const key of optionKeys) {
    assert.ok(isOptionKey(groupOf(key)), key);
    assert.ok(!/\.(host|path|port)$/.test(key), key);
  }
});

test('every option is in one group of the documentation', () => {
  assert.deepEqual(labelGroups.flatMap(({ keys }) => keys).toSorted(), optionKeys.toSorted());
});

test('no option may name a route', () => {
  for (const key of optionKeys.filter((option) => groupOf(option) === option)) {
    const read = readLabelKey(`proxy.${key}.host`, new Set());
    if (key === 'header' || key === 'reqheader') continue;
    assert.equal(read.kind === 'unknown' && read.fault.expected, `route name \`${key}\` is reserved`);
  }
});

test('words of other proxies are none of ours', () => {
  for (const foreign of Object.keys(foreignWords)) assert.ok(!isOptionKey(foreign), foreign);
});
