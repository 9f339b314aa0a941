import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../src/docker/container.ts';
import { asksTheSame } from '../../src/tls/same-asking.ts';
import { wantedCertificates } from '../../src/tls/wanted.ts';
import { build, labelled, type SpecText } from '../routing/builders.ts';
import { fc } from '../support/properties.ts';
import { issuer } from './issuers.ts';

const about = { issuers: [issuer()] };

interface Site {
  readonly spec: SpecText;
  readonly container?: Partial<Container>;
}

const built = (sites: readonly Site[]) =>
  build(sites.map(({ spec, container = {} }, i) => labelled(spec, { name: `c${i}`, ...container })));

const one = { spec: { host: 'a.example.com' } };
const two = { spec: { host: 'b.example.com' } };

test('what containers do asks for nothing', () => {
  const before = built([one, two]);
  assert.ok(asksTheSame(before, before));
  for (const container of [{ state: 'paused' }, { stopping: true }, { health: 'unhealthy' }] as const)
    assert.ok(asksTheSame(before, built([{ ...one, container }, two])), JSON.stringify(container));
});

test('another host, option, container or order asks for something else', () => {
  const before = built([one, two]);
  const others: readonly (readonly Site[])[] = [
    [one],
    [one, two, { spec: { host: 'c.example.com' } }],
    [one, { spec: { host: 'c.example.com' } }],
    [{ spec: { host: 'a.example.com', options: { 'tls.min': '1.3' } } }, two],
    [{ spec: { host: 'a.example.com', options: { tls: { kind: 'internal' } } } }, two],
    [{ spec: { host: 'a.example.com', alias: 'www.a.example.com' } }, two],
    [{ ...one, container: { name: 'renamed' } }, two],
  ];
  for (const sites of others) assert.ok(!asksTheSame(before, built(sites)), JSON.stringify(sites));
});

test('tables that ask the same want the same', () => {
  const spec = fc.record({
    host: fc.constantFrom('a.example.com', 'b.example.com', '*.example.com', 'a.test'),
    path: fc.constantFrom('/', '/api'),
    options: fc.constantFrom({}, { tls: { kind: 'off' } as const }, { 'tls.min': '1.3' as const }),
  });
  const container = fc.constantFrom<Partial<Container>>(
    {},
    { state: 'paused' },
    { state: 'exited' },
    { stopping: true },
  );
  const table = fc.array(fc.record({ spec, container }), { maxLength: 4 });
  fc.assert(
    fc.property(table, table, (a, b) => {
      const [before, after] = [built(a), built(b)];
      if (asksTheSame(before, after))
        assert.deepEqual(wantedCertificates(after, about), wantedCertificates(before, about));
    }),
  );
  // The same sites whose containers do something else: often enough the same.
  fc.assert(
    fc.property(table, fc.infiniteStream(container), (sites, doing) => {
      const after = sites.map((site) => ({ ...site, container: doing.next().value as Partial<Container> }));
      const tables = [built(sites), built(after)] as const;
      if (asksTheSame(...tables))
        assert.deepEqual(wantedCertificates(tables[1], about), wantedCertificates(tables[0], about));
    }),
  );
});
