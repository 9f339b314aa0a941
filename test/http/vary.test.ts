import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import { addVary } from '../../src/http/vary.ts';

const varied = (...values: string[]): string[] => {
  const headers = new FlatHeaderList(values.flatMap((value) => ['vary', value]));
  addVary(headers, 'Accept-Encoding');
  return headers.all('vary');
};

test('a name is added to what an answer varies on already, on one line', () => {
  assert.deepEqual(varied(), ['Accept-Encoding']);
  assert.deepEqual(varied('Origin'), ['Origin, Accept-Encoding']);
  assert.deepEqual(varied('Origin', 'Cookie, Accept'), ['Origin, Cookie, Accept, Accept-Encoding']);
  assert.deepEqual(varied(''), ['Accept-Encoding']);
});

test('it is not added where it is there, or where the answer varies on everything', () => {
  assert.deepEqual(varied('accept-encoding'), ['accept-encoding']);
  assert.deepEqual(varied('Origin', 'ACCEPT-ENCODING'), ['Origin', 'ACCEPT-ENCODING']);
  assert.deepEqual(varied('*'), ['*']);
});
