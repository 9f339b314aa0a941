import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CheckResult } from '../../src/cli/check-result.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { buildTable } from '../../src/routing/build.ts';
import { translate } from '../../src/translate/translate.ts';
import { asRead } from '../../src/translate/translation.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { fairlead } from '../cli/terminal.ts';
import { container } from '../routing/builders.ts';
import { fc } from '../support/properties.ts';

const directory = join(import.meta.dirname, 'cases');

for (const name of globSync('*.txt', { cwd: directory }).sort())
  test(`what comes of ${name} is as written there, and has no mistake for check`, async (t) => {
    const text = readFileSync(join(directory, name), 'utf8');
    const [, compose = '', code, expected = ''] = /^(.*)^=== (\d)\n(.*)$/ms.exec(text) ?? [];
    const [file, over] = ['compose.yaml', 'over.yaml'].map((path) => join(temporaryDirectory(t), path)) as [
      string,
      string,
    ];
    writeFileSync(file, compose);
    const translated = await fairlead(['translate', file]);
    assert.equal(translated.out.replaceAll(file, 'compose.yaml'), expected);
    assert.equal(translated.code, Number(code));
    writeFileSync(over, translated.out);
    const checked = await fairlead(['check', '--json', file, over], { DOMAIN: 'd.example.com' });
    assert.deepEqual((JSON.parse(checked.out) as CheckResult).problems, []);
  });

test('what protects and has no label is said on its own channel, without its value, and is exit code 1', async (t) => {
  const file = join(temporaryDirectory(t), 'compose.yaml');
  const labels = {
    'traefik.http.routers.a.rule': 'Host(`a.example.com`)',
    'traefik.http.routers.a.middlewares': 'd',
    'traefik.http.middlewares.d.digestauth.users': 'bob:realm:s3cret',
  };
  writeFileSync(file, JSON.stringify({ services: { app: { labels } } }));
  const { code, out, err } = await fairlead(['translate', file]);
  assert.equal(code, 1);
  assert.match(err, /^fairlead: app: traefik\.http\.middlewares\.d\.digestauth\.users: /);
  assert.doesNotMatch(out + err, /s3cret/);
});

test('a file without labels of others is said to have none, one that is not there is exit code 2', async (t) => {
  const file = join(temporaryDirectory(t), 'compose.yaml');
  writeFileSync(file, 'services: { app: { image: x } }\n');
  const { code, out } = await fairlead(['translate', file]);
  assert.equal(code, 0);
  assert.match(out, /There are none/);
  assert.equal((await fairlead(['translate', '/nowhere.yaml'])).code, 2);
  assert.equal((await fairlead(['translate'])).code, 2);
});

const hosts = fc.constantFrom('a.example.com', '*.example.com', 'b.example.com', 'not a host', '$${X}');
const paths = fc.constantFrom('/', '/api', '/api/', 'api', '/a b', '/{id:[0-9]+}', '~', '/x?y');
const words = fc.oneof(
  hosts,
  paths,
  fc.constantFrom('true', 'false', '1', '-5', '10s', 'x@file', 'm1', 'm2', 'm1,m2', ''),
  fc.string(),
);
const rules = fc
  .tuple(
    hosts,
    paths,
    fc.constantFrom('&&', '||'),
    fc.constantFrom('PathPrefix', 'Path', 'PathRegexp', 'Method', 'Header', '!Path'),
  )
  .map(([host, path, how, matcher]) => `Host(\`${host}\`) ${how} ${matcher}(\`${path}\`)`);

const middlewareOptions = [
  'basicauth.users',
  'basicauth.usersfile',
  'ipallowlist.sourcerange',
  'ipallowlist.ipstrategy.depth',
  'ratelimit.average',
  'ratelimit.burst',
  'stripprefix.prefixes',
  'addprefix.prefix',
  'replacepathregex.regex',
  'redirectregex.regex',
  'redirectscheme.scheme',
  'headers.stsseconds',
  'headers.customrequestheaders.Host',
  'headers.customresponseheaders.Connection',
  'headers.accesscontrolalloworiginlist',
  'forwardauth.address',
  'buffering.maxrequestbodybytes',
  'inflightreq.amount',
  'chain.middlewares',
  'compress',
  'retry.attempts',
  'plugin.x.y',
];

const traefik = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom('r1', 'r2', 'limit').map((name) => `traefik.http.routers.${name}.rule`),
      fc.oneof(rules, words),
    ),
    fc.dictionary(
      fc
        .tuple(
          fc.constantFrom('r1', 'r2', 'limit'),
          fc.constantFrom('middlewares', 'entrypoints', 'service', 'priority', 'tls'),
        )
        .map(([name, option]) => `traefik.http.routers.${name}.${option}`),
      words,
    ),
    fc.dictionary(
      fc
        .tuple(fc.constantFrom('m1', 'm2'), fc.constantFrom(...middlewareOptions))
        .map(([name, option]) => `traefik.http.middlewares.${name}.${option}`),
      words,
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as Record<string, string>);

const caddy = fc.dictionary(
  fc
    .tuple(
      fc.constantFrom('caddy', 'caddy_1'),
      fc.array(
        fc.constantFrom(
          'handle',
          '1_handle_path',
          'reverse_proxy',
          'basic_auth',
          'bob',
          'header',
          'X-A',
          'redir',
          'respond',
          '@m',
          'path',
          'import',
          'tls',
          'uri',
        ),
        { maxLength: 3 },
      ),
    )
    .map(([site, parts]) => [site, ...parts].join('.')),
  fc.oneof(
    words,
    fc.constantFrom('{{upstreams 80}}', '@m', '/api/*', '/x 403', '(m1)', '/api/* https://x{uri} permanent'),
  ),
);

const nginxProxy = fc.dictionary(
  fc.constantFrom(
    'VIRTUAL_HOST',
    'VIRTUAL_PORT',
    'VIRTUAL_PATH',
    'VIRTUAL_DEST',
    'VIRTUAL_HOST_MULTIPORTS',
    'VIRTUAL_PROTO',
    'HSTS',
    'CERT_NAME',
    'NETWORK_ACCESS',
  ),
  fc.oneof(words, fc.constantFrom('{"a.example.com":{"/x":{"port":80,"dest":"/"}}}', 'https', 'internal')),
);

/** Read as a container gets them. */
function readAsLabels(labels: readonly (readonly [string, string])[]) {
  const one = container({ labels: Object.fromEntries(labels.map(([label, text]) => [label, asRead(text) ?? 'x'])) });
  const reading = readLabels(one);
  const place = { kind: 'host' } as const;
  const { problems } = buildTable({
    version: 1,
    readings: [{ container: one, reading }],
    place,
    engines: [],
    containers: [one],
  });
  return { specs: reading.specs, problems };
}

test('whatever other labels say, what comes of them is read without an error, and no route hides another', () => {
  fc.assert(
    fc.property(traefik, caddy, nginxProxy, fc.constantFrom(0, 1, 2), (one, two, environment, which) => {
      const labels = [one, two, {}][which] as Record<string, string>;
      const [translation] = [
        ...translate([{ name: 'app', labels, environment: which === 2 ? environment : {} }]).values(),
      ];
      if (translation === undefined || translation.labels.some(([, text]) => asRead(text) === null)) return;
      const { problems } = readAsLabels(translation.labels);
      assert.deepEqual(
        problems.filter(({ severity }) => severity === 'error'),
        [],
      );
    }),
    { numRuns: 3_000 },
  );
});

test('a router with a middleware that cannot be translated lets nobody in', () => {
  fc.assert(
    fc.property(traefik, (labels) => {
      const all = {
        ...labels,
        'traefik.http.routers.guarded.rule': 'Host(`g.example.com`)',
        'traefik.http.routers.guarded.middlewares': 'gone@file',
      };
      const [translation] = [...translate([{ name: 'app', labels: all, environment: {} }]).values()];
      assert.ok(translation !== undefined);
      assert.ok(translation.notes.some(({ severity }) => severity === 'error'));
      const { specs } = readAsLabels(translation.labels);
      const guarded = specs.filter((spec) => spec.hosts.some(({ text }) => text === 'g.example.com'));
      assert.ok(guarded.every(({ options }) => options.deny?.includes('0.0.0.0/0')));
    }),
    { numRuns: 1_000 },
  );
});
