import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemResolverAt } from '../../../src/tls/dns/dns-resolver.ts';
import { startNamed } from '../../support/named.ts';

test('the DNS servers of the settings are asked in place of those of the system', async (t) => {
  const { port } = await startNamed(t, { zones: { 'example.test': ['app A 192.0.2.1'] } });
  const resolver = systemResolverAt({ servers: [`127.0.0.1:${port}`] })(null);
  assert.deepEqual(await resolver.resolve4('app.example.test'), ['192.0.2.1']);
});
