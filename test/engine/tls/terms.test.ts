import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { ClientHello, ClientTls } from '../../../src/http/transport.ts';
import { engines } from '../hostile/engines.ts';
import { lastRequest, sClient } from '../support/openssl.ts';
import { authority, byName, identity, tlsStage } from '../support/over-tls.ts';
import { answering, head, Later } from '../support/stage.ts';

const run = promisify(execFile);
const suitesOf12 = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'];
const suitesOf13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

for (const [name, makeEngine] of engines) {
  describe(`${name} offers`, () => {
    it('TLS 1.2 and 1.3, and nothing older', async (t) => {
      const { listener } = await tlsStage(t, makeEngine());
      for (const version of ['tls1_2', 'tls1_3']) {
        assert.match(
          await sClient(listener.port, [`-${version}`, '-servername', 'a.test'], lastRequest),
          /HTTP\/1\.1 200 OK/,
        );
      }
      for (const version of ['tls1', 'tls1_1']) {
        const args = [`-${version}`, '-servername', 'a.test', '-cipher', 'ALL@SECLEVEL=0'];
        assert.match(await sClient(listener.port, args, lastRequest), /alert protocol version/);
      }
    });

    it('TLS 1.3 alone where the identity wants it', async (t) => {
      const modern = await authority.identity(['a.test'], { minVersion: '1.3' });
      const { listener } = await tlsStage(t, makeEngine(), byName({ 'a.test': modern }));
      assert.match(await sClient(listener.port, ['-servername', 'a.test'], lastRequest), /New, TLSv1\.3/);
      assert.match(await sClient(listener.port, ['-servername', 'a.test', '-tls1_2']), /alert protocol version/);
    });

    it('the suites of the intermediate policy, each where the client wants it, and no others', async (t) => {
      const { shake, listener } = await tlsStage(t, makeEngine());
      for (const suite of suitesOf12) {
        const { socket } = await shake({ ciphers: suite, maxVersion: 'TLSv1.2' });
        assert.equal(socket.getCipher().name, suite);
      }
      for (const suite of suitesOf13) {
        const { socket } = await shake({ ciphers: suite, minVersion: 'TLSv1.3' });
        assert.equal(socket.getCipher().name, suite);
      }
      for (const suite of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES128-CCM']) {
        const args = ['-servername', 'a.test', '-tls1_2', '-cipher', suite];
        assert.match(await sClient(listener.port, args), /alert handshake failure/);
      }
    });

    it('the suite that the client prefers', async (t) => {
      const { shake } = await tlsStage(t, makeEngine());
      for (const ciphers of [suitesOf12, suitesOf12.toReversed()]) {
        const { socket } = await shake({ ciphers: ciphers.join(':'), maxVersion: 'TLSv1.2' });
        assert.equal(socket.getCipher().name, ciphers[0]);
      }
    });

    it('the groups of that policy, and one that a quantum computer does not break', async (t) => {
      const { shake, listener } = await tlsStage(t, makeEngine());
      for (const [ecdhCurve, name] of [
        ['X25519', 'X25519'],
        ['P-256', 'prime256v1'],
        ['P-384', 'secp384r1'],
      ]) {
        const { socket } = await shake({ ecdhCurve });
        assert.equal((socket.getEphemeralKeyInfo() as { name?: string }).name, name);
      }
      const { socket } = await shake({ ecdhCurve: 'X25519MLKEM768' });
      assert.equal(socket.getProtocol(), 'TLSv1.3');
      assert.match(
        await sClient(listener.port, ['-servername', 'a.test', '-groups', 'P-521']),
        /alert handshake failure/,
      );
    });

    it('no renegotiation and no compression', async (t) => {
      const { shake } = await tlsStage(t, makeEngine());
      const client = await shake({ maxVersion: 'TLSv1.2' });
      const outcome = new Promise((resolve) => {
        client.socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
        client.socket.renegotiate({}, () => resolve('renegotiated'));
      });
      assert.equal(await outcome, 'ERR_SSL_NO_RENEGOTIATION');
    });
  });

  describe(`${name} settles`, () => {
    const settle = async (port: number, protocols: string): Promise<string> =>
      sClient(port, ['-servername', 'a.test', ...(protocols === '' ? [] : ['-alpn', protocols])], lastRequest);

    it('http/1.1 where the client knows it, or does not say what it knows', async (t) => {
      const { listener } = await tlsStage(t, makeEngine());
      for (const protocols of ['http/1.1', 'x,http/1.1']) {
        const said = await settle(listener.port, protocols);
        assert.match(said, /ALPN protocol: http\/1\.1/);
        assert.match(said, /HTTP\/1\.1 200 OK/);
      }
      const said = await settle(listener.port, '');
      assert.match(said, /No ALPN negotiated/);
      assert.match(said, /HTTP\/1\.1 200 OK/);
    });

    it('h2 where the client knows it, whatever it would rather have', async (t) => {
      const { shake } = await tlsStage(t, makeEngine());
      for (const ALPNProtocols of [['h2'], ['h2', 'http/1.1'], ['http/1.1', 'x', 'h2']])
        assert.equal((await shake({ ALPNProtocols })).socket.alpnProtocol, 'h2');
    });

    it('nothing with a client that knows nothing we know', async (t) => {
      const { listener } = await tlsStage(t, makeEngine());
      for (const protocols of ['x', 'http/1.0,spdy/3', 'acme-tls/1'])
        assert.match(await settle(listener.port, protocols), /alert no application protocol/);
    });
  });

  describe(`${name} decides`, () => {
    it('by the name and the protocols that the client says', async (t) => {
      const hellos: ClientHello[] = [];
      const { shake } = await tlsStage(t, makeEngine(), (hello) => {
        hellos.push(hello);
        return { kind: 'serve', identity };
      });
      await shake({ servername: 'A.Test', ALPNProtocols: ['h2', 'http/1.1'] });
      await shake({ servername: '', checkServerIdentity: () => undefined });
      assert.deepEqual(hellos, [
        { serverName: 'a.test', protocols: ['h2', 'http/1.1'] },
        { serverName: null, protocols: [] },
      ]);
    });

    it('which certificate is shown, and tells the handler', async (t) => {
      const [a, b] = await Promise.all([authority.identity(['a.test']), authority.identity(['b.test'])]);
      const told: (ClientTls | undefined)[] = [];
      const handler = (exchange: Parameters<ReturnType<typeof answering>>[0]): void => {
        assert.equal(exchange.client.secure, true);
        told.push(exchange.client.tls);
        answering('x')(exchange);
      };
      const { shake } = await tlsStage(t, makeEngine(), byName({ 'a.test': a, 'b.test': b }), { handler });
      for (const servername of ['a.test', 'B.test', 'a.test']) {
        const client = await shake({ servername });
        assert.equal(client.socket.getPeerCertificate().subject.CN, servername.toLowerCase());
        client.write(lastRequest);
        await client.rest();
      }
      assert.deepEqual(told, [
        { serverName: 'a.test', identity: a },
        { serverName: 'b.test', identity: b },
        { serverName: 'a.test', identity: a },
      ]);
    });

    it('to show one to a client that says no name', async (t) => {
      const { listener } = await tlsStage(t, makeEngine());
      assert.match(await sClient(listener.port, ['-noservername'], lastRequest), /HTTP\/1\.1 200 OK/);
    });

    it('to refuse a name, at once and in words of TLS', async (t) => {
      const { listener, counts } = await tlsStage(t, makeEngine(), byName({ 'a.test': identity }));
      for (const args of [['-servername', 'b.test'], ['-noservername']])
        assert.match(await sClient(listener.port, args), /alert number 112/);
      assert.equal(counts().handled, 2);
    });

    it('later, when a certificate has come', async (t) => {
      const asked = new Later<void>();
      const certificate = new Later<typeof identity>();
      const { shake } = await tlsStage(t, makeEngine(), async () => {
        asked.tell();
        return { kind: 'serve', identity: await certificate.promise };
      });
      const shaken = shake();
      await asked.promise;
      certificate.tell(identity);
      const client = await shaken;
      client.write(lastRequest);
      assert.match(await client.rest(), /^HTTP\/1.1 200 /);
    });

    for (const [what, decide] of Object.entries({
      throws: () => {
        throw new Error('no');
      },
      rejects: async () => {
        throw new Error('no');
      },
      'names a certificate that is none': () => ({ kind: 'serve', identity: { ...identity, chainPem: 'x' } }) as const,
      'names a key of another certificate': async () => {
        const { keyPem } = await authority.sign('a.test');
        return { kind: 'serve', identity: { ...identity, keyPem } } as const;
      },
    })) {
      it(`and where that ${what}, only this handshake fails`, async (t) => {
        let bad = true;
        const { shake, listener } = await tlsStage(t, makeEngine(), () =>
          bad ? decide() : { kind: 'serve', identity },
        );
        assert.match(await sClient(listener.port, ['-servername', 'a.test']), /alert internal error/);
        bad = false;
        await shake();
      });
    }

    it('anew for every connection: open ones live on with the certificate that they were shown', async (t) => {
      const renewed = await authority.identity(['a.test']);
      let current = identity;
      const { shake } = await tlsStage(t, makeEngine(), () => ({ kind: 'serve', identity: current }));
      const before = await shake();
      current = renewed;
      const after = await shake();
      const serials = [before, after].map(({ socket }) => socket.getPeerCertificate().serialNumber);
      assert.notEqual(serials[0], serials[1]);
      for (const client of [before, after, before]) {
        client.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
        assert.match(await client.until('x'), /^HTTP\/1.1 200 /);
      }
    });
  });

  describe(`${name} proves a name to an issuer`, () => {
    it('under acme-tls/1, and closes when that has come about', async (t) => {
      const proof = await authority.identity(['a.test']);
      const { shake, counts } = await tlsStage(t, makeEngine(), () => ({ kind: 'challenge', identity: proof }), {
        handler: () => assert.fail('no request may come of it'),
      });
      const client = await shake({ ALPNProtocols: ['acme-tls/1'] });
      assert.equal(client.socket.alpnProtocol, 'acme-tls/1');
      client.write(lastRequest);
      assert.equal(await client.rest(), '');
      client.end();
      await client.closed;
      assert.equal(counts().writing, 0);
    });

    it('and to nobody who asks for something else', async (t) => {
      const { listener } = await tlsStage(t, makeEngine(), () => ({ kind: 'challenge', identity }));
      for (const args of [[], ['-alpn', 'http/1.1'], ['-alpn', 'h2']])
        assert.match(await sClient(listener.port, ['-servername', 'a.test', ...args]), /alert no application protocol/);
    });
  });

  describe(`${name}, asked in plain HTTP on a port of HTTPS,`, () => {
    it('says so', async (t) => {
      const { connect, listener } = await tlsStage(t, makeEngine(), () => assert.fail('nothing is to be decided'));
      const client = await connect();
      client.write('GE');
      await new Promise(setImmediate);
      client.write('T / HTTP/1.1\r\nHost: a.test\r\n\r\n');
      assert.match(await client.rest(), /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Connection: close\r\n\r\nplain-http$/);
      const { stdout } = await run('curl', [
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        `http://127.0.0.1:${listener.port}/`,
      ]);
      assert.equal(stdout, '400');
    });
  });

  describe(`${name} serves`, () => {
    it('curl, with a body in both directions', async (t) => {
      const { listener } = await tlsStage(t, makeEngine(), undefined, {
        handler: (exchange) => {
          const answer = exchange.respond(head(200, {}, null));
          exchange.receive({
            set onDrain(go: (() => void) | null) {
              answer.onDrain = go;
            },
            write: (chunk) => answer.write(chunk),
            end: () => answer.end(),
            abort: (failure) => answer.abort(failure),
          });
        },
      });
      const file = join(tmpdir(), `fairlead-curl-${process.pid}-${listener.port}`);
      await writeFile(file, 'x'.repeat(3_000_000));
      await writeFile(`${file}.pem`, authority.pem);
      const where = ['--cacert', `${file}.pem`, '--resolve', `a.test:${listener.port}:127.0.0.1`];
      const { stdout } = await run(
        'curl',
        [
          '-sS',
          '--http1.1',
          '-H',
          'Expect:',
          ...where,
          '--data-binary',
          `@${file}`,
          `https://a.test:${listener.port}/`,
        ],
        { maxBuffer: 10_000_000 },
      );
      assert.equal(stdout.length, 3_000_000);
    });
  });
}
