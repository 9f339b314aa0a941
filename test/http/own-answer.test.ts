import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureKinds, type Reason } from '../../src/http/failure.ts';
import { failureAnswer } from '../../src/http/own-answer.ts';

const pageOf = (reason: Reason) =>
  Buffer.from(failureAnswer(reason, { requestId: 'r1', accept: 'text/html', nowMs: 0 }).body).toString();

test('a visitor reads what is for visitors; what is for administrators stands below in small print, labels as code', () => {
  const page = pageOf('backend-starting');
  assert.match(page, /<p>Its container is not ready yet\. Try again in a moment\.<\/p>/);
  assert.match(page, /<p><small>For administrators: <code>fairlead routes<\/code> says what it waits for; /);
});

test('a request that no route takes is not put down to its path alone: method and headers count as well', () => {
  const page = pageOf('no-route');
  assert.match(page, /no route of it matches this request/);
  assert.doesNotMatch(page, /this path/);
});

test('no page of the proxy shows a backtick, or an empty paragraph', () => {
  for (const reason of Object.keys(failureKinds) as Reason[]) assert.doesNotMatch(pageOf(reason), /`|<p><\/p>/);
});
