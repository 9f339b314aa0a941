import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { redacted, secretParameters } from '../../src/proxy/log-redaction.ts';
import { fc } from '../support/properties.ts';

for (const [address, shown] of [
  ['/', '/'],
  ['/a?x=1&y', '/a?x=1&y'],
  ['/a?token=abc', '/a?token=***'],
  ['/a?x=1&Access-Token=abc&y=2', '/a?x=1&Access-Token=***&y=2'],
  ['/cb?code=abc&state=xyz', '/cb?code=***&state=xyz'],
  ['/a?%74oken=abc', '/a?%74oken=***'],
  ['/a?user[password]=abc&tokens=3', '/a?user[password]=***&tokens=3'],
  ['/a?x=1;key=abc', '/a?x=1;key=***'],
  ['/a?key=ab;cd=ef?gh=ij&x=1', '/a?key=***&x=1'],
  ['/a?next=/b?token=abc', '/a?next=/b?token=***'],
  ['/a?password==a=b', '/a?password=***'],
  ['https://app.test/cb#access_token=abc&state=1', 'https://app.test/cb#access_token=***&state=1'],
  ['https://ann:secret@app.test/a@b', 'https://***@app.test/a@b'],
  ['/mail/ann@app.test?x=1', '/mail/ann@app.test?x=1'],
  ['/a;jsessionid=abc', '/a;jsessionid=***'],
] as const)
  test(`of ${address} the log has ${shown}`, () => assert.equal(redacted(address), shown));

test('the value of no secret parameter is in the log, whatever stands around it', () => {
  const word = fc.stringMatching(/^[a-z0-9]{0,6}$/);
  fc.assert(
    fc.property(fc.constantFrom(...secretParameters), fc.array(fc.tuple(word, word)), word, (name, others, path) => {
      const around = others.map(([key, value]) => `${key}=${value}`);
      const address = `/${path}?${[...around, `${name}=HIDDEN`, ...around].join('&')}`;
      assert.ok(!redacted(address).includes('HIDDEN'), address);
    }),
  );
});

test('the page lists them all', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/access-log.md'), 'utf8');
  for (const name of secretParameters) assert.ok(page.includes(`\`${name}\``), name);
});
