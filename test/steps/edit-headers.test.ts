import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import type { HeaderEdit } from '../../src/labels/header-edit.ts';
import { editRequestHeaders, editResponseHeaders } from '../../src/steps/edit-headers.ts';
import { stepContext } from './step-context.ts';

function edited(headers: string[], edit: Omit<HeaderEdit, 'name'> & { name?: string }): string[] {
  const context = stepContext({ headers });
  editRequestHeaders([{ name: 'X-Test', ...edit }]).request?.(context);
  return context.request.headers.flat();
}

test('a header is set in place of what was there', () => {
  assert.deepEqual(edited(['x-test', 'a', 'A', '1', 'X-TEST', 'b'], { value: 'c', how: 'set' }), [
    'X-Test',
    'c',
    'A',
    '1',
  ]);
});

test('an empty value deletes, + appends, ? sets only what is absent', () => {
  assert.deepEqual(edited(['X-Test', 'a', 'A', '1'], { value: '', how: 'delete' }), ['A', '1']);
  assert.deepEqual(edited(['X-Test', 'a'], { value: 'b', how: 'append' }), ['X-Test', 'a', 'X-Test', 'b']);
  assert.deepEqual(edited(['X-Test', 'a'], { value: 'b', how: 'if-absent' }), ['X-Test', 'a']);
  assert.deepEqual(edited([], { value: 'b', how: 'if-absent' }), ['X-Test', 'b']);
});

test('placeholders are filled in, unknown ones are left alone', () => {
  const value = '{client_ip} {host} {scheme} {request_id} {other}';
  assert.deepEqual(edited([], { value, how: 'set' }), ['X-Test', '203.0.113.9 app.example.com https id-1 {other}']);
});

test('response headers are edited on every status', () => {
  const step = editResponseHeaders([{ name: 'Server', value: '', how: 'delete' }]);
  const head = { status: 502, reason: '', headers: new FlatHeaderList(['server', 'x']), bodyLength: 0 };
  step.response?.(stepContext(), head);
  assert.deepEqual(head.headers.flat(), []);
});
