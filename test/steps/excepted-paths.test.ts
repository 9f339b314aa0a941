import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTarget } from '../../src/http/target.ts';
import { readPathList } from '../../src/labels/path-list.ts';
import { exceptedPaths } from '../../src/steps/excepted-paths.ts';

const isExcepted = exceptedPaths(readPathList('/public,=/robots.txt', '').value ?? []);
const open = (target: string) => isExcepted(readTarget(target)?.normalised ?? '/');

test('the paths that are named need no password', () => {
  for (const target of ['/public', '/public/a.css?x=1', '/public/%61', '/robots.txt']) assert.ok(open(target), target);
  for (const target of ['/', '/publicity', '/robots.txt/x']) assert.ok(!open(target), target);
});

test('a path that is too long for a regex does need one', () => {
  const isLong = exceptedPaths(readPathList('~^/public/.*x.*$', '').value ?? []);
  assert.ok(isLong('/public/x'));
  assert.ok(!isLong(`/public/x${'x'.repeat(5_000)}`));
});

test('a path that leads elsewhere, or might for a backend, does need one', () => {
  for (const target of [
    '/public/../admin',
    '/public/%2e%2e/admin',
    '/public/..%2fadmin',
    '/public/..%5Cadmin',
    '/public/%252e%252e/admin',
    '/public/..;/admin',
  ])
    assert.ok(!open(target), target);
});
