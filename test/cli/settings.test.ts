import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { flagOf } from '../../src/cli/setting-row.ts';
import { settingRows } from '../../src/cli/settings.ts';
import { settingsHelp, settingsMarkdown } from '../../src/cli/settings-text.ts';
import { defaultLimits } from '../../src/engine/limits.ts';
import { TrustedNetworks } from '../../src/http/forwarded.ts';
import { trustedNetworkWords } from '../../src/http/trusted-networks.ts';
import { privateRanges } from '../../src/labels/address-list.ts';
import { fc } from '../support/properties.ts';
import { settingsOf } from './terminal.ts';

test('without anything every setting has its default, and nothing is said', () => {
  const { settings, problems, warnings } = settingsOf();
  assert.deepEqual([...problems, ...warnings], []);
  const { defaults, ...plain } = settings;
  assert.deepEqual(plain, {
    http: { host: undefined, port: 80 },
    https: { host: undefined, port: 443 },
    admin: { host: '127.0.0.1', port: 8080 },
    adminToken: null,
    docker: ['unix:///var/run/docker.sock'],
    dataDir: '.fairlead',
    pagesDir: null,
    trusted: [],
    unknownHost: 'close',
    lingerMs: 60_000,
    cacheBytesMax: 1024 ** 3,
    cacheInactiveMs: 3_600_000,
    store: null,
    ...{ otlp: null, otlpHeaders: null, otlpSample: 1, otlpService: 'fairlead', otlpCaFile: null },
    workers: 2,
    engine: 'h1',
    logFormat: 'json',
    logLevel: 'info',
    accessLog: 'stdout',
    accessLogFormat: 'json',
    logDir: null,
    ...defaultLimits,
    acmePreflight: true,
    resolvers: [],
  });
  assert.equal(defaults.profiles.size, 0);
});

test('a flag is its variable in lower case, with or without an equals sign', () => {
  for (const flags of [['--log-level', 'debug'], ['--log-level=debug'], ['--LOG-LEVEL=debug']])
    assert.equal(settingsOf(flags).settings.logLevel, 'debug');
  assert.equal(settingsOf([], { FAIRLEAD_LOG_LEVEL: 'debug' }).settings.logLevel, 'debug');
});

test('a flag beats its variable', () => {
  assert.equal(settingsOf(['--linger=5s'], { FAIRLEAD_LINGER: '9s' }).settings.lingerMs, 5_000);
});

test('a limit outside its bounds is told with them, and every limit has bounds on both sides', () => {
  const expected = (name: string, text: string) =>
    settingsOf([], { [name]: text }).problems.map(({ expected }) => expected)[0];
  assert.match(expected('FAIRLEAD_LIMIT_HEAD', '100') ?? '', /^a size from 1k to 1m, such as 64k/);
  assert.match(expected('FAIRLEAD_TIMEOUT_HEAD', '0') ?? '', /^a duration from 1s to 10m, such as 10s/);
  assert.match(expected('FAIRLEAD_LIMIT_CONNECTIONS', '1') ?? '', /^a whole number from 16 to 1000000/);
  const limits = settingRows.filter(({ name }) => /^FAIRLEAD_(LIMIT|TIMEOUT)_/.test(name));
  assert.equal(limits.length, Object.keys(defaultLimits).length);
  for (const { name, example } of limits) {
    assert.equal(expected(name, example), undefined, name);
    for (const far of ['-1', '99999999999999', 'many'])
      assert.notEqual(expected(name, far), undefined, `${name}=${far}`);
  }
});

test('what is set for a limit is what it is', () => {
  const { settings, problems } = settingsOf(['--limit-head=64k', '--timeout-stall', '5m'], {
    FAIRLEAD_LIMIT_CONNECTIONS_PER_ADDRESS: '100',
    FAIRLEAD_LIMIT_REQUESTS: '1000',
  });
  assert.deepEqual(problems, []);
  const { headBytesMax, stallMs, perAddressMax, requestsMax } = settings;
  assert.deepEqual([headBytesMax, stallMs, perAddressMax, requestsMax], [65_536, 300_000, 100, 1000]);
});

test('an empty variable counts as not set, as compose passes it', () => {
  const { settings, problems } = settingsOf([], { FAIRLEAD_HTTP: '', FAIRLEAD_ACME_EMAIL: ' ' });
  assert.deepEqual(problems, []);
  assert.equal(settings.http?.port, 80);
});

test('all that is wrong is reported at once, each by the name that was typed', () => {
  const { problems } = settingsOf(['--http', 'abc', '--workers=0', '--default-timeout', '5x'], {
    FAIRLEAD_TRUSTED: 'private,cloudflar',
    FAIRLEAD_LOG: 'xml',
  });
  assert.deepEqual(problems.map(({ label }) => label).sort(), [
    ...['--default-timeout', '--http', '--workers', 'FAIRLEAD_LOG', 'FAIRLEAD_TRUSTED'],
  ]);
  for (const { expected, value } of problems) {
    assert.match(expected, /such as|one of/);
    assert.notEqual(value, '');
  }
  assert.match(
    problems.find(({ label }) => label === 'FAIRLEAD_TRUSTED')?.suggestion ?? '',
    /FAIRLEAD_TRUSTED=cloudflare/,
  );
});

test('a name that no setting has gets the nearest one, in the spelling that was used', () => {
  const suggestion = (flags: string[], env = {}) => settingsOf(flags, env).problems[0]?.suggestion;
  assert.equal(suggestion(['--htp', ':80']), 'did you mean `--http`?');
  assert.equal(suggestion([], { FAIRLEAD_TRUSTD: 'private' }), 'did you mean `FAIRLEAD_TRUSTED`?');
  assert.equal(suggestion([], { FAIRLEAD_PORT: '80' }), 'did you mean `FAIRLEAD_HTTP`?');
  assert.equal(suggestion(['--email', 'a@example.com']), 'did you mean `--acme-email`?');
});

test('what Docker links and Kubernetes say of a service called fairlead is not a setting', () => {
  const env = {
    FAIRLEAD_PORT: 'tcp://10.0.0.1:80',
    FAIRLEAD_PORT_80_TCP: 'tcp://10.0.0.1:80',
    FAIRLEAD_PORT_80_TCP_ADDR: '10.0.0.1',
    FAIRLEAD_SERVICE_HOST: '10.0.0.1',
    FAIRLEAD_SERVICE_PORT_HTTP: '80',
    FAIRLEAD_NAME: '/app/fairlead',
  };
  assert.deepEqual(settingsOf([], env).problems, []);
});

test('a flag without its value, a flag twice, and a word that is no flag are problems', () => {
  for (const flags of [['--http'], ['--http', '--admin', ':1'], ['--http=:1', '--http=:2'], [':80']])
    assert.equal(settingsOf(flags).problems.length, 1, flags.join(' '));
});

test('addresses to listen on are read in the ways people write them', () => {
  const http = (text: string) => settingsOf([`--http=${text}`]).settings.http;
  assert.deepEqual(http(':8080'), { host: undefined, port: 8080 });
  assert.deepEqual(http('8080'), { host: undefined, port: 8080 });
  assert.deepEqual(http('*:0'), { host: undefined, port: 0 });
  assert.deepEqual(http('127.0.0.1:18080'), { host: '127.0.0.1', port: 18080 });
  assert.deepEqual(http('localhost:81'), { host: '127.0.0.1', port: 81 });
  assert.deepEqual(http('[::1]:80'), { host: '::1', port: 80 });
  assert.equal(http('off'), null);
});

test('an address that cannot be listened on gets the one that was meant', () => {
  const suggestion = (text: string) => settingsOf([`--http=${text}`]).problems[0]?.suggestion;
  assert.equal(suggestion('http://127.0.0.1:8080/'), 'did you mean `--http=127.0.0.1:8080`?');
  assert.equal(suggestion('fe80::1:80'), 'did you mean `--http=[fe80::1]:80`?');
  assert.equal(suggestion('::1'), 'did you mean `--http=[::1]:80`?');
  for (const text of [':65536', ':-1', 'app.example.com:80', '[127.0.0.1]:80', '256.0.0.1:80', '[::1]', ':'])
    assert.equal(settingsOf([`--http=${text}`]).problems.length, 1, text);
});

test('trusted networks are CIDRs, each once, and the words stand for theirs', () => {
  const trusted = (text: string) => settingsOf([`--trusted=${text}`]).settings.trusted;
  assert.deepEqual(trusted('10.0.0.0/8, 10.0.0.0/8 192.0.2.7'), ['10.0.0.0/8', '192.0.2.7/32']);
  assert.deepEqual(trusted('private'), trustedNetworkWords.private);
  assert.deepEqual(trusted('cloudflare'), trustedNetworkWords.cloudflare);
  assert.deepEqual(trusted('off'), []);
  // The same word means the same in a label.
  assert.deepEqual(trustedNetworkWords.private, privateRanges);
  assert.ok(new TrustedNetworks(trusted('cloudflare')).has('104.16.1.1'));
});

test('who trusts everybody is warned', () => {
  const { problems, warnings } = settingsOf(['--trusted=0.0.0.0/0']);
  assert.deepEqual(problems, []);
  assert.match(warnings[0]?.expected ?? '', /trusts everybody/);
});

test('engines come from the setting, else from DOCKER_HOST, else from the usual socket', () => {
  const docker = (flags: string[], env = {}) => settingsOf(flags, env).settings.docker;
  assert.deepEqual(docker(['--docker=unix:///a.sock,ssh://root@b,/c.sock'], { DOCKER_HOST: 'tcp://d:2375' }), [
    ...['unix:///a.sock', 'ssh://root@b', 'unix:///c.sock'],
  ]);
  assert.deepEqual(docker([], { DOCKER_HOST: 'tcp://d:2375' }), ['tcp://d:2375']);
  assert.equal(
    settingsOf(['--docker=10.0.0.1:2375']).problems[0]?.suggestion,
    'did you mean `--docker=tcp://10.0.0.1:2375`?',
  );
});

test('a setting whose step is to come is checked, and gets one warning', () => {
  const { problems, warnings } = settingsOf(['--proxy-protocol=on'], { FAIRLEAD_COMPAT: 'traefik' });
  assert.deepEqual(problems, []);
  assert.deepEqual(warnings.map(({ label }) => label).sort(), ['--proxy-protocol', 'FAIRLEAD_COMPAT']);
  for (const { expected } of warnings) assert.match(expected, /not yet active/);
  assert.equal(settingsOf(['--proxy-protocol=perhaps']).problems.length, 1);
});

test('a setting that asks for nothing that is to come gets no warning', () => {
  assert.deepEqual(settingsOf(['--proxy-protocol=off', '--compat=off']).warnings, []);
});

test('DNS servers are addresses, with the port of DNS where none is given', () => {
  const reading = (text: string) => settingsOf([`--dns=${text}`]);
  assert.deepEqual(reading('127.0.0.1:8053, 9.9.9.9,[::1]:54,2620:fe::fe').settings.resolvers, [
    ...['127.0.0.1:8053', '9.9.9.9:53', '[::1]:54', '[2620:fe::fe]:53'],
  ]);
  assert.deepEqual(reading('off').settings.resolvers, []);
  for (const text of ['dns.example.com', '127.0.0.1:0', '1.2.3.4:65536', '[1.2.3.4]:53', 'udp://1.2.3.4', ':53'])
    assert.equal(reading(text).problems.length, 1, text);
});

test('a secret is never shown, right or wrong', () => {
  const flags = ['--admin-token=hunter2', '--store=redis:/hunter2', '--acme-eab-hmac=hunter2', '--admin-tokn=hunter2'];
  const { problems, warnings } = settingsOf(flags);
  // The key alone makes no issuer, which is said besides.
  assert.equal(problems.length, 6);
  assert.doesNotMatch(JSON.stringify([problems, warnings]), /hunter2/);
});

test('fleet defaults and profiles reach the labels, as flags too', () => {
  const { settings } = settingsOf(['--default-timeout-connect=2s'], { FAIRLEAD_PROFILE_SLOW: 'timeout=5m' });
  assert.equal(settings.defaults.fleet.settings.get('timeout.connect')?.value, 2_000);
  assert.ok(settings.defaults.profiles.has('slow'));
});

test('reading never throws, and what cannot be read has its default', () => {
  const names = settingRows.map(({ name }) => name as string);
  const environments = fc.dictionary(
    fc.oneof(
      fc.constantFrom(...names),
      fc.string().map((s) => `FAIRLEAD_${s}`),
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(environments, fc.array(fc.string()), (env, flags) => {
      const { settings } = settingsOf(flags, env);
      return settings.workers >= 1 && settings.docker.length > 0 && settings.dataDir !== '';
    }),
  );
});

test('every example reads without a fault, and the help has every setting', () => {
  for (const { name, example, read } of settingRows) {
    assert.deepEqual(read(example, name).faults, [], name);
    assert.ok(settingsHelp().includes(`\n  ${flagOf(name)} `), name);
  }
});

test('docs/settings.md is what `npm run docs` makes of the table', () => {
  assert.equal(readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8'), settingsMarkdown());
});
