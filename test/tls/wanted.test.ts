import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Options, TlsMode } from '../../src/labels/options.ts';
import { Patterns } from '../../src/routing/patterns.ts';
import type { Issuer } from '../../src/tls/acme/issuer.ts';
import { issuersFor } from '../../src/tls/issuers-for.ts';
import { wantedOnDemand } from '../../src/tls/on-demand.ts';
import { type Wanted, wantedCertificates } from '../../src/tls/wanted.ts';
import { build, labelled, type SpecText } from '../routing/builders.ts';
import { fc } from '../support/properties.ts';
import { dns, issuer, letsEncrypt } from './issuers.ts';

const web = [issuer()];
const withDns = [issuer({ dns })];

function wantedOf(specs: readonly (SpecText | readonly SpecText[])[], issuers: readonly Issuer[] = web): Wanted {
  return wantedCertificates(build(specs.map((one, i) => labelled(one, { name: `c${i + 1}` }))), { issuers });
}

/** One certificate a line: its source, its names. */
function lines({ wanted }: Wanted): readonly string[] {
  return wanted.map(({ source, names }) => {
    const issuerName = source.kind === 'acme' && source.issuer !== null ? `@${source.issuer}` : '';
    return `${source.kind}${issuerName} ${names.join(' ')}`;
  });
}

function served({ hosts, wanted }: Wanted): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    hosts.map(({ host, wantedId }) => {
      const certificate = wanted.find(({ id }) => id === wantedId);
      assert.equal(certificate === undefined, wantedId === null);
      return [host, certificate?.names.join(' ') ?? null];
    }),
  );
}

const tls = (kind: 'auto' | 'off' | 'internal' | 'passthrough'): Partial<Options> => ({ tls: { kind } });
const from = (mode: TlsMode): Partial<Options> => ({ tls: mode });
const expectations = (wanted: Wanted) => wanted.problems.map(({ label, expected }) => `${label}: ${expected}`);

test('the hosts and aliases of a route share one certificate', () => {
  const wanted = wantedOf([{ host: 'b.example.com,a.example.org', alias: 'www.b.example.com' }]);
  assert.deepEqual(lines(wanted), ['acme a.example.org b.example.com www.b.example.com']);
  assert.deepEqual(wanted.wanted[0]?.routes.toSorted(), ['a.example.org/', 'b.example.com/', 'www.b.example.com/']);
  assert.deepEqual(wanted.problems, []);
});

test('a host of several routes has one certificate, which knows them all', () => {
  const wanted = wantedOf([
    [
      { host: 'a.example.com', path: '/' },
      { name: 'api', host: 'a.example.com', path: '/api' },
    ],
    { host: 'a.example.com', path: '/shop' },
  ]);
  assert.deepEqual(lines(wanted), ['acme a.example.com']);
  assert.deepEqual(wanted.wanted[0]?.routes.toSorted(), ['a.example.com/', 'a.example.com/api', 'a.example.com/shop']);
});

test('containers of one pool do not make two certificates, and a newer one with other hosts takes its own', () => {
  assert.deepEqual(lines(wantedOf([{ host: 'a.example.com' }, { host: 'a.example.com' }])), ['acme a.example.com']);
  assert.deepEqual(
    lines(wantedOf([{ host: 'a.example.com,b.example.com' }, { host: 'b.example.com,c.example.com' }])),
    ['acme a.example.com', 'acme b.example.com c.example.com'],
  );
});

test('routes with hosts of their own have certificates of their own', () => {
  assert.deepEqual(lines(wantedOf([[{ host: 'a.example.com' }, { name: 'api', host: 'api.example.com' }]])), [
    'acme a.example.com',
    'acme api.example.com',
  ]);
});

test('auto means the internal authority for names that no issuer could reach', () => {
  const local = ['localhost', 'app.localhost', 'nas.local', 'x.internal', 'app.test', 'intranet', '192.0.2.1', '[::1]'];
  const wanted = wantedOf([{ host: `${local.join(',')},app.example.com` }]);
  assert.deepEqual(lines(wanted).toSorted(), [
    'acme app.example.com',
    'internal 192.0.2.1 intranet',
    'internal ::1 app.localhost app.test localhost nas.local x.internal',
  ]);
  assert.equal(Object.keys(served(wanted)).length, local.length + 1);
});

test('a public name without an issuer wants a certificate that cannot be had, and one problem speaks for all of them', () => {
  const wanted = wantedOf([{ host: 'a.example.com' }, { host: 'b.example.com' }, { host: 'app.localhost' }], []);
  assert.deepEqual(lines(wanted), ['none a.example.com', 'internal app.localhost', 'none b.example.com']);
  assert.deepEqual(
    wanted.problems.map(({ container, label, severity }) => [container, label, severity]),
    [['', 'FAIRLEAD_ACME_EMAIL', 'info']],
  );
  assert.match(wanted.problems[0]?.expected ?? '', /a\.example\.com and 1 more/);
});

test('off and passthrough want none, and say so of their host', () => {
  const wanted = wantedOf([
    { host: 'a.example.com', options: tls('off') },
    { host: 'b.example.com', options: tls('passthrough') },
    { host: '*.example.org', options: tls('off') },
  ]);
  assert.deepEqual(wanted.wanted, []);
  assert.deepEqual(served(wanted), { 'a.example.com': null, 'b.example.com': null, '*.example.org': null });
});

test('internal and cert:<name> are taken at their word', () => {
  const wanted = wantedOf([
    { host: 'a.example.com', options: tls('internal') },
    { host: 'b.example.com,*.b.example.com', options: from({ kind: 'cert', name: 'mine' }) },
    { host: '~^x[0-9]$', options: from({ kind: 'cert', name: 'mine' }) },
  ]);
  assert.deepEqual(lines(wanted), ['internal a.example.com', 'file *.b.example.com b.example.com']);
  assert.equal(wanted.wanted[1]?.id, 'file:mine');
  assert.deepEqual(wanted.wanted[1]?.routes.toSorted(), ['*.b.example.com/', 'b.example.com/', '~^x[0-9]$ /']);
});

test('an issuer is asked by its name, in any case', () => {
  const issuers = [issuer(), issuer({ name: 'zerossl' })];
  const wanted = wantedOf([{ host: 'a.example.com', options: from({ kind: 'issuer', name: 'ZeroSSL' }) }], issuers);
  assert.deepEqual(lines(wanted), ['acme@zerossl a.example.com']);
});

test('an unknown issuer is a problem that says which was meant', () => {
  const issuers = [issuer(), issuer({ name: 'zerossl' })];
  const wanted = wantedOf([{ host: 'a.example.com', options: from({ kind: 'issuer', name: 'zerosll' }) }], issuers);
  assert.deepEqual(lines(wanted), ['none a.example.com']);
  const [problem] = wanted.problems;
  assert.equal(problem?.suggestion, 'did you mean `proxy.tls=zerossl`?');
  assert.match(problem?.expected ?? '', /\(default, zerossl\): there is no zerosll/);
  const far = wantedOf([{ host: 'a.example.com', options: from({ kind: 'issuer', name: 'buypass' }) }], issuers);
  assert.equal(far.problems[0]?.suggestion, 'set FAIRLEAD_ISSUER_BUYPASS_DIRECTORY');
});

for (const [host, words] of [
  ['my_app.example.com', /underscore/],
  [`${'a.'.repeat(121)}example.com`, null],
  ['nas.lan', /no name of the public internet/],
] as const)
  test(`${host.slice(0, 40)} ${words === null ? 'can be ordered' : 'is never ordered from an issuer that cannot sign it'}`, () => {
    const wanted = wantedOf([{ host }], [issuer({ directoryUrl: letsEncrypt })]);
    assert.deepEqual(lines(wanted), [`${words === null ? 'acme' : 'none'} ${host}`]);
    if (words !== null) assert.match(expectations(wanted).join(), words);
  });

test('an authority of the house may sign what the public ones may not', () => {
  const wanted = wantedOf([{ host: 'nas.lan' }]);
  assert.deepEqual(lines(wanted), ['acme nas.lan']);
  const named = wantedOf([{ host: 'nas.local', options: from({ kind: 'issuer', name: 'default' }) }]);
  assert.deepEqual(lines(named), ['acme@default nas.local']);
});

test('more than a hundred names are split over several certificates', () => {
  const names = Array.from({ length: 230 }, (_, i) => `h${String(i).padStart(3, '0')}.example.com`);
  const wanted = wantedOf([{ host: names.join(',') }]);
  assert.deepEqual(
    wanted.wanted.map((one) => one.names.length),
    [100, 100, 30],
  );
  assert.equal(new Set(wanted.wanted.map(({ id }) => id)).size, 3);
  assert.match(expectations(wanted).join(), /the 230 of this route/);
});

test('names that the root of most people can vouch for share no certificate with others, nor more than a hundred', () => {
  const names = Array.from({ length: 120 }, (_, i) => `h${String(i).padStart(3, '0')}.test`);
  const wanted = wantedOf([{ host: [...names, 'app.example.com'].join(','), options: tls('internal') }]);
  assert.deepEqual(
    wanted.wanted.map((one) => one.names.length),
    [1, 100, 20],
  );
});

test('tls.wildcard asks for the wildcard above each name, and for the domain where it is a host itself', () => {
  const options = { 'tls.wildcard': true };
  const wanted = wantedOf([{ host: 'a.example.com,b.example.com,example.com', options }], withDns);
  assert.deepEqual(lines(wanted), ['acme *.example.com example.com']);
  assert.deepEqual(served(wanted), {
    'a.example.com': '*.example.com example.com',
    'b.example.com': '*.example.com example.com',
    'example.com': '*.example.com example.com',
  });
  assert.deepEqual(lines(wantedOf([{ host: 'example.co.uk', options }], withDns)), ['acme example.co.uk']);
});

test('tls.wildcard without a way to set TXT records orders each name and says so', () => {
  const wanted = wantedOf([{ host: 'a.example.com', options: { 'tls.wildcard': true } }]);
  assert.deepEqual(lines(wanted), ['acme a.example.com']);
  assert.equal(wanted.problems[0]?.label, 'proxy.tls.wildcard');
  assert.equal(wanted.problems[0]?.suggestion, 'set FAIRLEAD_ACME_DNS');
  const options = { 'tls.wildcard': true, 'tls.challenge': ['http' as const] };
  assert.equal(
    wantedOf([{ host: 'a.example.com', options }], withDns).problems[0]?.suggestion,
    'add dns to tls.challenge',
  );
});

test('only the dns challenge, and no way to meet it: no certificate, and the setting that is missing', () => {
  const options = { ...from({ kind: 'issuer', name: 'zerossl' }), 'tls.challenge': ['dns' as const] };
  const wanted = wantedOf([{ host: 'a.example.com', options }], [issuer({ dns }), issuer({ name: 'zerossl' })]);
  assert.deepEqual(lines(wanted), ['none a.example.com']);
  assert.equal(wanted.problems[0]?.suggestion, 'set FAIRLEAD_ISSUER_ZEROSSL_DNS');
});

test('a wildcard that is wanted anyway serves the names right below it, whoever asks for them', () => {
  const wanted = wantedOf([{ host: 'a.example.com' }, { host: '*.example.com' }, { host: 'x.a.example.com' }], withDns);
  assert.deepEqual(lines(wanted).toSorted(), ['acme *.example.com', 'acme x.a.example.com']);
  assert.equal(served(wanted)['a.example.com'], '*.example.com');
  const wildcard = wanted.wanted.find(({ names }) => names.includes('*.example.com'));
  assert.deepEqual(wildcard?.routes.toSorted(), ['*.example.com/', 'a.example.com/']);
});

test('a wildcard of another issuer than the one a label names serves nobody else', () => {
  const issuers = [issuer({ dns }), issuer({ name: 'zerossl', dns })];
  const wanted = wantedOf(
    [{ host: 'a.example.com', options: from({ kind: 'issuer', name: 'zerossl' }) }, { host: '*.example.com' }],
    issuers,
  );
  assert.deepEqual(lines(wanted), ['acme@zerossl a.example.com', 'acme *.example.com']);
});

test('a wildcard host without the dns challenge, a regex and * order each name when it is first asked for', () => {
  const { wanted, patterns, hosts } = wantedOf([
    { host: '*.example.com' },
    { host: '~^app[0-9]+\\.example\\.org$' },
    { host: '*', options: tls('off') },
  ]);
  assert.deepEqual([wanted, hosts], [[], []]);
  const names = (name: string) =>
    wantedOnDemand(name, { hosts: patterns, issuers: web, patterns: new Patterns() })?.certificate;
  assert.deepEqual(names('a.b.example.com')?.names, ['a.b.example.com']);
  assert.deepEqual(names('app7.example.org')?.routes, ['~^app[0-9]+\\.example\\.org$ /']);
  assert.equal(names('else.example.org'), undefined);
});

test('where the wildcard itself is ordered, deeper names are refused rather than left to a later pattern', () => {
  const { patterns, hosts } = wantedOf([{ host: '*.example.com' }, { host: '*' }], withDns);
  assert.deepEqual(
    hosts.map(({ host }) => host),
    ['*.example.com'],
  );
  const about = { hosts: patterns, issuers: withDns, patterns: new Patterns() };
  assert.equal(wantedOnDemand('a.b.example.com', about), null);
  assert.deepEqual(wantedOnDemand('a.example.net', about)?.terms.host, 'a.example.net');
  assert.equal(wantedOnDemand('app.localhost', about)?.certificate.source.kind, 'internal');
});

test('internal wildcards are made as such, but not over a single label, which clients do not take', () => {
  assert.deepEqual(lines(wantedOf([{ host: '*.dev.test' }])), ['internal *.dev.test']);
  const { wanted, patterns } = wantedOf([{ host: '*.localhost' }]);
  assert.deepEqual(wanted, []);
  const found = wantedOnDemand('a.localhost', { hosts: patterns, issuers: [], patterns: new Patterns() });
  assert.equal(found?.certificate.id, 'internal:a.localhost');
});

test('of the routes of a host the first in matching order that says something decides, and the other is told', () => {
  const wanted = wantedOf([
    { host: 'a.example.com', path: '/', options: { ...tls('internal'), 'tls.min': '1.2' } },
    { host: 'a.example.com', path: '/api', options: { ...tls('auto'), 'tls.min': '1.3' } },
    { host: 'a.example.com', path: '/silent' },
  ]);
  assert.deepEqual(lines(wanted), ['acme a.example.com']);
  assert.equal(wanted.hosts[0]?.minVersion, '1.3');
  assert.deepEqual(
    wanted.problems.map(({ container, label, severity }) => [container, label, severity]),
    [
      ['c1', 'proxy.tls', 'warning'],
      ['c1', 'proxy.tls.min', 'warning'],
    ],
  );
});

test('a route that says nothing does not overrule one that does', () => {
  const wanted = wantedOf([
    { host: 'a.example.com', path: '/', options: { ...tls('internal'), 'tls.client': { ref: 'env', name: 'CA' } } },
    { host: 'a.example.com', path: '/api' },
  ]);
  assert.deepEqual(lines(wanted), ['internal a.example.com']);
  assert.deepEqual(wanted.hosts[0]?.clientCa, { ref: 'env', name: 'CA' });
  assert.deepEqual(wanted.problems, []);
});

test('a route without TLS does not take it from the others of its host', () => {
  const wanted = wantedOf([
    { host: 'a.example.com', path: '/' },
    { host: 'a.example.com', path: '/metrics', options: tls('off') },
  ]);
  assert.deepEqual(lines(wanted), ['acme a.example.com']);
  assert.equal(wanted.problems[0]?.container, 'c2');
});

test('mutual TLS without TLS is an error: nobody would ask for the certificate', () => {
  const options = { ...tls('off'), 'tls.client': { ref: 'env' as const, name: 'CA' } };
  const wanted = wantedOf([{ host: 'a.example.com', options }]);
  assert.deepEqual(
    wanted.problems.map(({ label, severity }) => [label, severity]),
    [['proxy.tls.client', 'error']],
  );
});

test('the issuers to ask are those that can: by name, by what they sign, by TXT records', () => {
  const public_ = issuer({ directoryUrl: letsEncrypt });
  const house = issuer({ name: 'house', dns });
  const source = { kind: 'acme', issuer: null, challenges: [] } as const;
  const asked = (names: readonly string[], about = {}) =>
    issuersFor({ names, source: { ...source, ...about } }, [public_, house]).map(({ name }) => name);
  assert.deepEqual(asked(['a.example.com']), ['default', 'house']);
  assert.deepEqual(asked(['*.example.com']), ['house']);
  assert.deepEqual(asked(['a.example.com'], { challenges: ['dns'] }), ['house']);
  assert.deepEqual(asked(['nas.lan']), ['house']);
  assert.deepEqual(asked(['a.example.com'], { issuer: 'default' }), ['default']);
  assert.deepEqual(issuersFor({ names: ['a.example.com'], source: { kind: 'internal' } }, [public_]), []);
});

const hostNames = fc.constantFrom(
  ...[
    'a.example.com',
    'b.example.com',
    'x.a.example.com',
    '*.example.com',
    '*.a.example.com',
    'nas.local',
    'example.com',
  ],
  ...['my_app.example.com', '*', '~^r[0-9]$', '*.localhost', '192.0.2.1', 'c.example.org'],
);
const modes = fc.constantFrom<TlsMode>(
  ...(['auto', 'off', 'internal', 'passthrough'] as const).map((kind) => ({ kind })),
  { kind: 'cert', name: 'mine' },
  { kind: 'issuer', name: 'other' },
);
const specs = fc.record(
  {
    host: fc.uniqueArray(hostNames, { minLength: 1, maxLength: 4 }).map((hosts) => hosts.join(',')),
    path: fc.constantFrom('/', '/api'),
    options: fc.record({ tls: modes, 'tls.wildcard': fc.boolean() }, { requiredKeys: [] }),
  },
  { requiredKeys: ['host'] },
);

test('whatever the labels say, no name is ordered twice, each host has its terms, and ids tell certificates apart', () => {
  fc.assert(
    fc.property(fc.array(specs, { maxLength: 6 }), fc.boolean(), (texts, canDns) => {
      const issuers = [issuer(canDns ? { dns } : {}), issuer({ name: 'other' })];
      const built = build(texts.map((one) => labelled(one as SpecText)));
      const { wanted, hosts } = wantedCertificates(built, { issuers });
      const ids = new Set(wanted.map(({ id }) => id));
      assert.equal(ids.size, wanted.length);
      const ordered = wanted.flatMap(({ source, names }) =>
        source.kind === 'acme' ? names.map((name) => `${source.issuer} ${name}`) : [],
      );
      assert.equal(new Set(ordered).size, ordered.length);
      for (const { names, source } of wanted) {
        assert.deepEqual(names, names.toSorted());
        if (source.kind === 'acme') assert.notEqual(issuersFor({ names, source }, issuers).length, 0);
      }
      assert.ok(hosts.every(({ wantedId }) => wantedId === null || ids.has(wantedId)));
      const exact = new Set(built.table.routes.flatMap(({ host }) => (host.kind === 'exact' ? [host.name] : [])));
      assert.ok([...exact].every((name) => hosts.filter(({ host }) => host === name).length === 1));
    }),
  );
});
