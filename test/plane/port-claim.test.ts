import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { claimPort, claimPorts, PortUnavailable } from '../../src/plane/port-claim.ts';

async function occupy(t: { after(fn: () => void): void }, reusePort: boolean): Promise<number> {
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0, reusePort }, resolve));
  return (server.address() as { port: number }).port;
}

test('port 0 becomes a free port', async () => {
  const { host, port } = await claimPort('FAIRLEAD_HTTP', { host: '127.0.0.1', port: 0 });
  assert.equal(host, '127.0.0.1');
  assert.ok(port > 0);
});

for (const reusePort of [false, true]) {
  test(`a port that another program has taken${reusePort ? ' and would share' : ''} is refused, with the setting and what to do`, async (t) => {
    const port = await occupy(t, reusePort);
    await assert.rejects(claimPort('FAIRLEAD_HTTP', { host: '127.0.0.1', port }), (error) => {
      assert.ok(error instanceof PortUnavailable);
      assert.match(error.message, new RegExp(`^FAIRLEAD_HTTP=127.0.0.1:${port}: the port is taken`));
      return true;
    });
  });
}

test('all addresses that cannot be had are told at once', async (t) => {
  const [http, https, admin] = [await occupy(t, false), await occupy(t, false), await occupy(t, false)];
  const host = '127.0.0.1';
  await assert.rejects(
    claimPorts({ http: { host, port: http }, https: { host, port: https }, admin: { host, port: admin } }),
    new RegExp(
      `FAIRLEAD_HTTP=127.0.0.1:${http}: [^]*\nFAIRLEAD_HTTPS=127.0.0.1:${https}: [^]*\nFAIRLEAD_ADMIN=127.0.0.1:${admin}: `,
    ),
  );
});

test('an address that is not of this machine is refused', async () => {
  await assert.rejects(claimPort('FAIRLEAD_HTTP', { host: '203.0.113.1', port: 0 }), /does not have that address/);
});
