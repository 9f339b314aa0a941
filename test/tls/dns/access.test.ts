import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDnsAccess } from '../../../src/tls/dns/access.ts';
import { secretReader } from '../../../src/tls/dns/secret-reader.ts';
import { fc } from '../../support/properties.ts';

const files: Record<string, string> = { '/run/secrets/dns': 'AAECAwQFBgcICQoLDA0ODw==\n', '/run/secrets/empty': '\n' };
const from = {
  readFile(path: string) {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return text;
  },
  env: { TSIG: 'AAECAwQFBgcICQoLDA0ODw==' },
};
const read = (text: string, secret = '') => readDnsAccess(text, secretReader(secret, from));
const expected = (text: string, secret = '') => read(text, secret).faults[0]?.expected ?? '';

const secret = 'AAECAwQFBgcICQoLDA0ODw==';
const rfc2136 = { kind: 'rfc2136', keyName: 'fairlead', algorithm: 'hmac-sha256', secret } as const;
const account = { username: 'user-1', password: 'pass_1', subdomain: 'sub-1' };

for (const [text, given, access] of [
  ['rfc2136://fairlead@ns1.example.com', secret, { ...rfc2136, server: { host: 'ns1.example.com', port: 53 } }],
  [
    'RFC2136://Fl.Example.com.hmac-sha512@[2001:DB8::1]:5353',
    secret,
    { ...rfc2136, keyName: 'fl.example.com', algorithm: 'hmac-sha512', server: { host: '2001:db8::1', port: 5353 } },
  ],
  ['rfc2136://fairlead.hmac-sha256@192.0.2.53/', secret, { ...rfc2136, server: { host: '192.0.2.53', port: 53 } }],
  ['rfc2136://fairlead@192.0.2.53', '@/run/secrets/dns', { ...rfc2136, server: { host: '192.0.2.53', port: 53 } }],
  ['rfc2136://fairlead@192.0.2.53', 'env:TSIG', { ...rfc2136, server: { host: '192.0.2.53', port: 53 } }],
  ['cloudflare', 'aTokenOfCloudflare-1234567890', { kind: 'cloudflare', token: 'aTokenOfCloudflare-1234567890' }],
  [
    'acmedns:https://auth.example.com/',
    'user-1:pass_1:sub-1',
    { kind: 'acmedns', url: 'https://auth.example.com', ...account, fullDomain: 'sub-1.auth.example.com' },
  ],
  [
    'acmedns:http://10.0.0.1:8080/acme',
    JSON.stringify({ ...account, fulldomain: 'sub-1.auth.example.com', allowfrom: [] }),
    { kind: 'acmedns', url: 'http://10.0.0.1:8080/acme', ...account, fullDomain: 'sub-1.auth.example.com' },
  ],
  ['exec:/usr/local/bin/set txt', '', { kind: 'exec', command: '/usr/local/bin/set txt' }],
] as const) {
  test(`${text} with ${given === '' ? 'no secret' : `a secret such as ${given.slice(0, 18)}`} is read`, () => {
    assert.deepEqual(read(text, given), { value: access, faults: [] });
  });
}

for (const [text, given, words] of [
  ['', '', /rfc2136:\/\/<key name>.*such as rfc2136:\/\/fairlead@ns1\.example\.com/],
  ['route53', '', /`exec:\/path\/to\/command`/],
  ['rfc2136:ns1.example.com', secret, /^rfc2136:\/\/<key name>.*such as/],
  ['rfc2136://ns1.example.com', secret, /^rfc2136:\/\/<key name>.*such as/],
  ['rfc2136://a..b@ns1.example.com', secret, /^rfc2136:\/\/<key name>.*such as/],
  ['rfc2136://fl@ns1.example.com:99999', secret, /^rfc2136:\/\/<key name>.*such as/],
  ['rfc2136://fl.hmac-md5@ns1.example.com', secret, /signatures are hmac-sha256, which is the default, or hmac-sha512/],
  [
    'rfc2136://fl@ns1.example.com',
    '',
    /in the setting …_DNS_SECRET the secret of the key in base64.*@\/run\/secrets\/dns/,
  ],
  ['rfc2136://fl@ns1.example.com', '@/nowhere', /\/nowhere cannot be read \(ENOENT\)/],
  ['rfc2136://fl@ns1.example.com', '@relative', /an absolute path/],
  ['rfc2136://fl@ns1.example.com', '@/run/secrets/empty', /\/run\/secrets\/empty is empty/],
  ['rfc2136://fl@ns1.example.com', 'env:NOTHING', /the variable NOTHING is not set/],
  ['cloudflare:aTokenOfCloudflare-1234567890', '', /its API token belongs in the setting …_DNS_SECRET/],
  ['acmedns:auth.example.com', 'a:b:c', /such as acmedns:https:/],
  ['acmedns:ftp://auth.example.com', 'a:b:c', /such as acmedns:https:/],
  ['acmedns:https://a:b@auth.example.com', 'a:b:c', /without credentials/],
  ['exec:hook', '', /such as exec:\/usr\/local\/bin\/set-txt/],
] as const) {
  test(`${text || 'nothing'} with ${given === '' ? 'no secret' : given.slice(0, 20)} says what was expected`, () => {
    assert.equal(read(text, given).value, undefined);
    assert.match(expected(text, given), words);
  });
}

test('a slip of the pen is recognized', () => {
  assert.match(read('cloudfare').faults[0]?.suggestion ?? '', /did you mean `cloudflare`/);
});

test('a secret that an exec hook will never see is a warning', () => {
  const { value, faults } = read('exec:/bin/hook', 'something');
  assert.deepEqual(value, { kind: 'exec', command: '/bin/hook' });
  assert.equal(faults[0]?.severity, 'warning');
});

for (const [text, given] of [
  ['rfc2136://fl@ns1.example.com', 'not base64: hunter2'],
  ['cloudflare', 'hunter2 hunter2'],
  ['acmedns:https://auth.example.com', 'user:hunter2'],
  ['acmedns:https://auth.example.com', 'user:hunter2:sub:more'],
  ['acmedns:https://auth.example.com', '{"username":"user","password":"hunter2"'],
  ['acmedns:https://auth.example.com', '{"username":"u","password":"hunter2","subdomain":"s","fulldomain":"x.test"}'],
] as const) {
  test(`the secret ${given} for ${text} is refused and not repeated`, () => {
    const { value, faults } = read(text, given);
    assert.equal(value, undefined);
    assert.ok(!JSON.stringify(faults).includes('hunter2'));
  });
}

test('whatever is written, it is read or there is a fault', () => {
  const word = fc.constantFrom(
    'rfc2136://',
    'cloudflare',
    'acmedns:',
    'exec:',
    'fl@',
    'ns.test',
    ':53',
    'https://a.test',
    '/x',
    '[::1]',
    '.hmac-',
  );
  const text = fc.array(fc.oneof(word, fc.string({ maxLength: 5 })), { maxLength: 6 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.oneof(fc.string(), fc.constant(secret), fc.constant('a:b:c')), (one, given) => {
      const { value, faults } = read(one, given);
      assert.ok(value !== undefined || faults.length > 0);
    }),
    { numRuns: 1_000 },
  );
});
