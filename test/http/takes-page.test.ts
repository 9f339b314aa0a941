import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takesPage } from '../../src/http/takes-page.ts';

const html = 'text/html; charset=utf-8';

for (const [accept, type, takes] of [
  [undefined, html, true],
  ['', html, true],
  ['*/*', html, true],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', html, true],
  ['image/avif,image/webp,*/*;q=0.8', html, true],
  ['Text/HTML', html, true],
  ['text/*', html, true],
  ['application/json', html, false],
  ['application/json, text/plain, */*', html, false],
  ['application/problem+json, */*', html, false],
  ['application/vnd.api+json', html, false],
  ['text/html, application/json', html, true],
  ['text/event-stream', html, false],
  ['image/png', html, false],
  ['application/json, text/plain, */*', 'application/json', true],
  ['application/json, text/plain, */*', 'text/plain; charset=utf-8', false],
  ['text/plain', 'text/plain; charset=utf-8', true],
] as const) {
  test(`who accepts ${accept ?? 'anything, saying nothing,'} ${takes ? 'is' : 'is not'} shown a page of ${type}`, () => {
    assert.equal(takesPage(accept, type), takes);
  });
}
