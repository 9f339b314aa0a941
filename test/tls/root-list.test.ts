import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { browserRoots, RootList } from '../../src/tls/root-list.ts';
import { type TestAuthority, testRoot } from './test-authority.ts';

const nowMs = 1_800_000_000_000;
const dayMs = 86_400_000;
const chain = (...parts: readonly TestAuthority[]) => parts.map(({ pem }) => new X509Certificate(pem));

const root = await testRoot();
const roots = new RootList([root.pem]);
const middle = await root.sign({ name: 'middle', ca: true });
const leaf = await middle.sign({ names: ['a.test'] });

test('a chain that leads to a root is trusted, with the root in it or without, and every time it is asked', () => {
  for (let times = 0; times < 2; times++) {
    assert.equal(roots.trusts(chain(leaf, middle), nowMs), true);
    assert.equal(roots.trusts(chain(leaf, middle, root), nowMs), true);
  }
});

test('a leaf that the root itself has signed needs nobody in between', async () => {
  const direct = await root.sign({ names: ['direct.test'] });
  assert.equal(roots.trusts(chain(direct), nowMs), true);
});

test('a missing link, a stranger and an empty chain are not trusted', async () => {
  const stranger = await testRoot('stranger');
  assert.equal(roots.trusts(chain(leaf), nowMs), false);
  assert.equal(roots.trusts(chain(stranger), nowMs), false);
  assert.equal(roots.trusts(chain(await stranger.sign({ names: ['a.test'] }), stranger), nowMs), false);
  assert.equal(roots.trusts([], nowMs), false);
});

test('the name of a root is not enough: its key must have signed', async () => {
  const impostor = await testRoot();
  assert.equal(roots.trusts(chain(await impostor.sign({ names: ['a.test'] })), nowMs), false);
  const [real] = rootCertificates;
  const { subject } = new X509Certificate(real ?? '');
  const famous = await testRoot(/CN=(.*)/.exec(subject)?.[1]);
  assert.equal(browserRoots().trusts(chain(await famous.sign({ names: ['a.test'] }), famous), nowMs), false);
});

test('what is no authority signs for nobody', async () => {
  const soul = await root.sign({ name: 'soul', names: ['soul.test'] });
  assert.equal(roots.trusts(chain(await soul.sign({ names: ['bank.test'] }), soul), nowMs), false);
});

test('issuers must be valid at the time; the leaf says its own times', async () => {
  const brief = await root.sign({ name: 'brief', ca: true, fromMs: nowMs - dayMs, toMs: nowMs + dayMs });
  const old = await brief.sign({ names: ['old.test'], toMs: nowMs - dayMs / 2 });
  assert.equal(roots.trusts(chain(old, brief), nowMs), true);
  assert.equal(roots.trusts(chain(old, brief), nowMs + 2 * dayMs), false);
  assert.equal(roots.trusts(chain(old, brief), nowMs - 2 * dayMs), false);
});

test('the authorities of browsers are known', () => {
  const [first] = rootCertificates;
  assert.equal(browserRoots().trusts([new X509Certificate(first ?? '')], Date.UTC(2026, 0)), true);
  assert.equal(browserRoots().trusts(chain(root), nowMs), false);
});
