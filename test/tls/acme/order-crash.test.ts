import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Behaviour } from '../fake-acme/behaviour.ts';
import { type Endpoint, FakeAcme } from '../fake-acme/fake-acme.ts';

/** Where the issuer leaves the order hanging when the process is killed. */
const moments: readonly { readonly what: string; readonly endpoint: Endpoint; readonly behaviour: Behaviour }[] = [
  { what: 'a challenge is to be checked', endpoint: 'challenge', behaviour: { kind: 'hang' } },
  { what: 'a challenge is being checked', endpoint: 'challenge', behaviour: { kind: 'hang', done: true } },
  { what: 'the order is ready to be finalized', endpoint: 'finalize', behaviour: { kind: 'hang' } },
  { what: 'the order was finalized', endpoint: 'finalize', behaviour: { kind: 'hang', done: true } },
  { what: 'the certificate is on its way', endpoint: 'certificate', behaviour: { kind: 'hang' } },
];

for (const { what, endpoint, behaviour } of moments) {
  test(`a kill -9 when ${what} costs no second order: the next process finishes the first`, async (t) => {
    const acme = await FakeAcme.start(t);
    const file = storeFile(t);
    acme.next(endpoint, behaviour);
    const killed = orderingProcess(t, acme, file);
    await killedWhen(acme.asked(endpoint), killed);

    const { code, stdout } = await ended(orderingProcess(t, acme, file));
    assert.equal(code, 0);
    const { chainPem, keyPem } = JSON.parse(stdout) as { chainPem: string; keyPem: string };
    assert.ok(new X509Certificate(chainPem).checkPrivateKey(createPrivateKey(keyPem)));
    assert.equal(acme.count('new-order'), 1);
    assert.equal(acme.count('new-account'), 1);
  });
}

test('a kill -9 while the account is being made makes no second one', async (t) => {
  const acme = await FakeAcme.start(t);
  const file = storeFile(t);
  acme.next('new-account', { kind: 'hang', done: true });
  const killed = orderingProcess(t, acme, file);
  await killedWhen(acme.asked('new-account'), killed);
  assert.equal((await ended(orderingProcess(t, acme, file))).code, 0);
  assert.equal(acme.issuer.accounts.size, 1);
});

function storeFile(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'fl-order-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'store.json'), '[]');
  return join(dir, 'store.json');
}

function orderingProcess(t: TestContext, acme: FakeAcme, file: string): ChildProcess {
  const program = join(import.meta.dirname, 'order-child.ts');
  const args = [program, acme.directoryUrl, file, 'a.example.com', 'b.example.com'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function killedWhen(moment: Promise<void>, child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  await Promise.race([moment, exit]);
  child.kill('SIGKILL');
  assert.deepEqual(await exit, [null, 'SIGKILL']);
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string }> {
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout };
}
