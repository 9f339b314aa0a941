import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fairlead } from './terminal.ts';

const directory = join(import.meta.dirname, '../../compose-examples');
const examples = globSync('**/*.yaml', { cwd: directory });

test('there are examples', () => {
  assert.ok(examples.includes('https.yaml') && examples.includes('nginx-guide/compose.yaml'));
});

for (const example of examples)
  test(`the labels of ${example} have no mistake`, async () => {
    const env = { ACME_EMAIL: 'admin@example.com', HOST_NAME: 'app.example.com', DOMAIN: 'example.com' };
    const { code, out } = await fairlead(['check', '--json', join(directory, example)], env);
    const { routes, problems } = JSON.parse(out) as { routes: number; problems: unknown[] };
    assert.deepEqual([code, problems], [0, []]);
    assert.ok(routes > 0);
  });
