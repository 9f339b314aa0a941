import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaTypes } from '../../src/compress/media-types.ts';

test('a type is worth it by its name, its kind or its suffix, whatever its parameters and case', () => {
  const types = new MediaTypes(['text/*', 'application/json', 'image/svg+xml']);
  for (const type of [
    'text/html; charset=utf-8',
    'TEXT/CSS',
    'application/json',
    'application/ld+json',
    'image/svg+xml',
  ])
    assert.ok(types.has(type), type);
  for (const type of [
    'image/png',
    'application/xml',
    'application/rss+xml',
    'application/epub+zip',
    'text',
    '',
    '+json',
  ])
    assert.ok(!types.has(type), type);
});

test('a stream of events is worth it only where it is named', () => {
  assert.ok(!new MediaTypes(['text/*']).has('text/event-stream'));
  assert.ok(new MediaTypes(['text/event-stream']).has('text/event-stream; charset=utf-8'));
});
