import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryBody } from '../../src/cache/memory-body.ts';
import { type MemoryEntry, MemoryStore } from '../../src/cache/memory-store.ts';
import { aHead, aRequest, keep, nowMs } from './builders.ts';

const bodyBytes = 10_000;

function anEntry(place: string, bytes = bodyBytes): MemoryEntry {
  const stored = keep(aHead({ 'Cache-Control': 'max-age=60' }), aRequest({}, { key: place, path: place }));
  return { place, generation: 'g', stored, body: new MemoryBody(Buffer.alloc(bytes)) };
}

function aStore(bytesMax = 1_000_000) {
  let ms = 1;
  const store = new MemoryStore({ bytesMax, inactiveMs: 60_000, monotonic: () => ms });
  return { store, pass: (more: number) => (ms += more) };
}

describe('answers in memory', () => {
  it('never take more than they may', () => {
    const { store } = aStore();
    for (let i = 0; i < 1_000; i++) {
      store.set(anEntry(`/${i}`));
      if (i % 3 === 0) store.get(`/${i}`);
      assert.ok(store.bytes <= 1_000_000);
    }
    store.set(anEntry('/large', 900_000));
    assert.equal(store.get('/large'), null);
  });

  it('outlast a scan where somebody has asked for them again', () => {
    const { store } = aStore();
    for (let i = 0; i < 20; i++) store.set(anEntry(`/wanted-${i}`));
    const wanted = Array.from({ length: 20 }, (_, i) => `/wanted-${i}`).filter((place) => store.get(place) !== null);
    assert.ok(wanted.length > 10);
    for (let i = 0; i < 10_000; i++) store.set(anEntry(`/scanned-${i}`));
    assert.deepEqual(
      wanted.filter((place) => store.get(place) === null),
      [],
    );
  });

  it('go when nobody asks for them', () => {
    const { store, pass } = aStore();
    store.set(anEntry('/a'));
    store.set(anEntry('/b'));
    pass(50_000);
    assert.ok(store.get('/a'));
    pass(50_000);
    assert.ok(store.get('/a'));
    assert.equal(store.get('/b'), null);
  });

  it('go when they are purged', () => {
    const { store } = aStore();
    store.set(anEntry('/a/1'));
    store.set(anEntry('/a/2'));
    store.set(anEntry('/b'));
    store.get('/a/2');
    const rule = { host: null, path: null, prefix: '/a', tag: null, beforeMs: nowMs };
    assert.equal(store.purge(rule), 2);
    assert.deepEqual(
      ['/a/1', '/a/2', '/b'].map((place) => store.get(place) !== null),
      [false, false, true],
    );
  });
});
