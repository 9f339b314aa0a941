import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FirstWords, HelloReader, helloBytesMax } from '../../../src/engine/tls/hello-reader.ts';
import { fc } from '../../support/properties.ts';
import { helloBytes, helloWith, inRecords, protocolList, serverName, u16 } from '../support/hello-bytes.ts';

const hello = await helloBytes({ servername: 'Www.Example.COM', ALPNProtocols: ['h2', 'http/1.1'] });
const told = { kind: 'hello', hello: { serverName: 'www.example.com', protocols: ['h2', 'http/1.1'] } };

/** What the last piece brings to light; nothing may come of those before it. */
function read(...pieces: Buffer[]): FirstWords | null {
  const reader = new HelloReader();
  const words = pieces.map((piece) => reader.read(piece));
  assert.ok(words.slice(0, -1).every((early) => early === null));
  assert.deepEqual(reader.bytes, Buffer.concat(pieces));
  return words.at(-1) ?? null;
}

describe('a ClientHello', () => {
  it('of node, old and new, says its name in lower case and its protocols in their order', async () => {
    assert.deepEqual(read(hello), told);
    const old = await helloBytes({ servername: 'a.test', maxVersion: 'TLSv1.2' });
    assert.deepEqual(read(old), { kind: 'hello', hello: { serverName: 'a.test', protocols: [] } });
    const nameless = await helloBytes({ ALPNProtocols: ['acme-tls/1'] });
    assert.deepEqual(read(nameless), { kind: 'hello', hello: { serverName: null, protocols: ['acme-tls/1'] } });
  });

  it('is read in whatever pieces and records it comes', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.array(fc.nat(4000), { maxLength: 8 }), (fragment, cuts) => {
        const bytes = inRecords(hello, fragment + 1);
        const at = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        assert.deepEqual(read(...pieces.filter((piece) => piece.length > 0)), told);
      }),
    );
  });

  it('is read byte by byte', () => {
    assert.deepEqual(read(...Array.from(hello, (byte) => Buffer.from([byte]))), told);
  });

  it('keeps what follows it for whoever reads on', () => {
    const reader = new HelloReader();
    assert.deepEqual(reader.read(Buffer.concat([hello, Buffer.from('early')])), told);
    reader.append(Buffer.from(' data'));
    assert.deepEqual(reader.bytes, Buffer.concat([hello, Buffer.from('early data')]));
  });

  it('may have 16 KiB and more, in several records', () => {
    const bytes = inRecords(helloWith([serverName('a.test'), [0xfafa, Buffer.alloc(20_000)]]), 9_000);
    assert.deepEqual(read(bytes), { kind: 'hello', hello: { serverName: 'a.test', protocols: [] } });
  });

  it('never makes the reader throw, whatever is changed in it', () => {
    const change = fc.tuple(fc.nat(hello.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(hello.length), (changes, length) => {
        const bytes = Buffer.from(hello.subarray(0, length));
        for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
        const words = new HelloReader().read(bytes);
        assert.ok(words === null || ['hello', 'http', 'bad'].includes(words.kind));
      }),
      { numRuns: 2_000 },
    );
  });

  const versions = (...list: number[]): [number, Buffer] => [
    43,
    Buffer.concat([Buffer.from([2 * list.length]), ...list.map(u16)]),
  ];
  const good = serverName('a.test');
  const lying = helloWith([[99, Buffer.alloc(2)]]);
  lying[lying.length - 3] = 9;

  for (const [what, bytes, alert] of [
    ['names its server twice', helloWith([good, good]), 'illegal_parameter'],
    ['lists its protocols twice', helloWith([protocolList('h2'), protocolList('h2')]), 'illegal_parameter'],
    ['has two names in its list', helloWith([[0, Buffer.from('\0\x08\0\0\x01a\0\0\x01b')]]), 'decode_error'],
    ['has a name of an unknown kind', helloWith([[0, Buffer.from('\0\x04\x01\0\x01a')]]), 'decode_error'],
    ['has an empty name', helloWith([serverName('')]), 'decode_error'],
    ['has bytes behind its name', helloWith([[0, Buffer.from('\0\x04\0\0\x01a!')]]), 'decode_error'],
    ['has a name with a NUL', helloWith([serverName('a.test\0.b')]), 'unrecognized_name'],
    ['has a name with a dot at its end', helloWith([serverName('a.test.')]), 'unrecognized_name'],
    ['has a name with an empty label', helloWith([serverName('a..test')]), 'unrecognized_name'],
    ['has a name that is not ASCII', helloWith([serverName('\xe4.test')]), 'unrecognized_name'],
    ['has an address of IPv6 for a name', helloWith([serverName('::1')]), 'unrecognized_name'],
    ['has a name of 254 characters', helloWith([serverName(`${'a.'.repeat(126)}aa`)]), 'unrecognized_name'],
    ['has a label of 64 characters', helloWith([serverName('a'.repeat(64))]), 'unrecognized_name'],
    ['lists no protocol', helloWith([[16, Buffer.from([0, 0])]]), 'decode_error'],
    ['lists an empty protocol', helloWith([[16, Buffer.from([0, 2, 0, 0])]]), 'decode_error'],
    ['offers TLS 1.1 at most', helloWith([good], 0x0302), 'protocol_version'],
    ['lists only versions that are gone', helloWith([versions(0x0302, 0x0301)]), 'protocol_version'],
    ['lists half a version', helloWith([[43, Buffer.from([3, 3, 4, 3])]]), 'decode_error'],
    ['has an extension that is longer than the rest', lying, 'decode_error'],
  ] as const) {
    it(`that ${what} is refused`, () => {
      assert.deepEqual(read(bytes), { kind: 'bad', alert });
    });
  }

  it('may offer TLS 1.3 beside what is unknown, and 1.2 without any extension', () => {
    assert.deepEqual(read(helloWith([versions(0x0a0a, 0x0304)]))?.kind, 'hello');
    const bare = helloWith([]);
    const body = bare.subarray(9, -2);
    const message = Buffer.concat([Buffer.from([1, 0]), u16(body.length), body]);
    assert.deepEqual(read(Buffer.concat([Buffer.from([22, 3, 1]), u16(message.length), message]))?.kind, 'hello');
  });
});

describe('what is no ClientHello', () => {
  for (const [what, bytes, alert] of [
    ['an alert', Buffer.from([21, 3, 1, 0, 2, 1, 0]), 'unexpected_message'],
    ['another handshake message', Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0]), 'unexpected_message'],
    ['a record of another protocol', Buffer.from([22, 2]), 'protocol_version'],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0]), 'unexpected_message'],
    ['a record that is too long', Buffer.from([22, 3, 1, 0x40, 1]), 'record_overflow'],
    ['a message that is too long', Buffer.from([22, 3, 1, 0, 4, 1, 1, 0, 0]), 'illegal_parameter'],
    ['SSLv2', Buffer.from([0x80, 0x2e, 1, 3, 1]), 'unexpected_message'],
    ['SSH', Buffer.from('SSH-2.0-x\r\n'), 'unexpected_message'],
    ['a line break', Buffer.from('\r\n'), 'unexpected_message'],
  ] as const) {
    it(`is refused at once: ${what}`, () => {
      assert.deepEqual(read(bytes), { kind: 'bad', alert });
    });
  }

  it('is another record in the middle of one', () => {
    const records = inRecords(hello, 40);
    const reader = new HelloReader();
    assert.equal(reader.read(records.subarray(0, 45)), null);
    assert.deepEqual(reader.read(Buffer.from([23])), { kind: 'bad', alert: 'unexpected_message' });
  });

  it('is more than its bound, however little each record brings', () => {
    const bytes = inRecords(helloWith([[0xfafa, Buffer.alloc(20_000)]]), 4);
    assert.ok(bytes.length > helloBytesMax);
    assert.deepEqual(read(bytes.subarray(0, helloBytesMax - 1), bytes.subarray(helloBytesMax - 1, helloBytesMax)), {
      kind: 'bad',
      alert: 'illegal_parameter',
    });
  });

  it('is plain HTTP, as soon as a method is there', () => {
    assert.deepEqual(read(Buffer.from('GET / HTTP/1.1\r\n')), { kind: 'http' });
    assert.deepEqual(read(Buffer.from('PROP'), Buffer.from('FIND ')), { kind: 'http' });
    assert.equal(read(Buffer.from('GE')), null);
  });
});
