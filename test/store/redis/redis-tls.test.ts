import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { systemClock } from '../../../src/base/clock.ts';
import { type RedisAddress, readRedisAddress } from '../../../src/store/redis/redis-address.ts';
import { connectRedis } from '../../../src/store/redis/redis-connection.ts';
import { redisFaultText } from '../../../src/store/redis/redis-fault.ts';
import { redisPassword, TestRedis } from '../../support/redis.ts';
import { TestAuthority } from '../../support/test-authority.ts';

const module = join(import.meta.dirname, '../../../src/store/redis/redis-connection.ts');

/** A Redis behind TLS at `localhost`, and the file of the authority that has signed its certificate. */
async function secureRedis(t: TestContext, { name = 'localhost' } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'fl-redis-tls-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const authority = await TestAuthority.create(dir);
  const { certPem: cert, keyPem: key } = await authority.issue([name]);
  const redis = await TestRedis.start(t);
  const server: Server = createServer({ cert, key }, (socket) => {
    const inner = connect(redis.port, '127.0.0.1');
    socket.pipe(inner).pipe(socket);
    for (const end of [socket, inner]) end.on('error', () => inner.destroy()).on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  const caFile = join(dir, 'ca.pem');
  writeFileSync(caFile, authority.certPem);
  const { port } = server.address() as AddressInfo;
  const address = readRedisAddress(`rediss://:${redisPassword}@localhost:${port}`) as RedisAddress;
  return { address, caFile };
}

/** What a process that trusts the authority besides the usual ones is answered: Node reads the variable when it starts. */
async function askTrusting(caFile: string, address: RedisAddress): Promise<string> {
  const script = `
    import { connectRedis } from ${JSON.stringify(module)};
    const clock = { setTimeout: (act, ms) => { const timer = setTimeout(act, ms); return { cancel: () => clearTimeout(timer) }; } };
    const connection = await connectRedis(${JSON.stringify(address)}, clock).catch((error) => error);
    console.log(connection instanceof Error ? connection.code : await connection.send(['PING']));
    process.exit();`;
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: caFile };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
  return stdout.trim();
}

test('over rediss:// a store is asked whose certificate an authority has signed that NODE_EXTRA_CA_CERTS names', async (t) => {
  const { address, caFile } = await secureRedis(t);
  assert.equal(await askTrusting(caFile, address), 'PONG');
});

test('a store whose certificate nobody vouches for is not spoken to, and it says what to do', async (t) => {
  const { address } = await secureRedis(t);
  const error = await connectRedis(address, systemClock).then(
    () => null,
    (error: unknown) => error,
  );
  assert.match(
    redisFaultText(error),
    /nobody we trust has signed its certificate; name its authority in NODE_EXTRA_CA_CERTS/,
  );
});

test('a certificate for another name is none', async (t) => {
  const { address, caFile } = await secureRedis(t, { name: 'redis.example.com' });
  assert.equal(await askTrusting(caFile, address), 'ERR_TLS_CERT_ALTNAME_INVALID');
});
