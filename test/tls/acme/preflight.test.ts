import assert from 'node:assert/strict';
import { createServer as createPlainServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import { type Finding, findingText } from '../../../src/tls/acme/finding.ts';
import { preflightFailure } from '../../../src/tls/acme/preflight.ts';
import { networkProbe } from '../../../src/tls/acme/probe.ts';
import { isPrivate } from '../../../src/tls/acme/weigh-findings.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { pairFor } from './certificate-pair.ts';
import { Board, dnsOf, failed, listen, look, placesProbe } from './outside-world.ts';

const name = 'app.example.com';
const four = '203.0.113.5';
const six = '2001:db8::5';
const stranger: Parameters<typeof listen>[1] = (_, response) => {
  response.writeHead(404, { server: 'nginx' }).end('not here');
};

/** Kind, address and weight. */
function brief(findings: readonly Finding[]): readonly string[] {
  return findings.map((one) =>
    [one.kind, 'address' in one ? one.address : '', one.weight].join(' ').replace('  ', ' '),
  );
}

async function us(t: TestContext): Promise<{ board: Board; port: number }> {
  const board = new Board();
  return { board, port: await listen(t, board.serve) };
}

test('a name that leads to us by IPv4 and IPv6 may be ordered, and our answer is taken back', async (t) => {
  const { board, port } = await us(t);
  const resolver = dnsOf({ [name]: [four, six] });
  const findings = await look([name], { board, resolver, probe: placesProbe({ [four]: port, [six]: port }) });
  assert.deepEqual(brief(findings), [`reached ${six} fine`, `reached ${four} fine`]);
  assert.equal(preflightFailure(findings, 0), null);
  assert.deepEqual([board.shown.size, board.removed], [0, 1]);
});

test('each name of an order is asked for what is shown for it alone', async (t) => {
  const { board, port } = await us(t);
  const names = Array.from({ length: 60 }, (_, i) => `h${i}.example.com`);
  const resolver = dnsOf(Object.fromEntries(names.map((one) => [one, [four]])));
  const findings = await look([...names, '*.example.com'], { board, resolver, probe: placesProbe({ [four]: port }) });
  assert.deepEqual(
    findings.map((one) => one.name),
    names,
  );
  assert.ok(findings.every(({ kind }) => kind === 'reached'));
  assert.equal(board.removed, 60);
});

test('a name that does not exist holds the order back, and says so', async () => {
  const findings = await look([name]);
  const failure = preflightFailure(findings, 99);
  assert.equal(failure?.stage, 'preflight');
  assert.equal(failure?.message, 'app.example.com does not exist in DNS');
  assert.deepEqual(
    failure?.problem.subproblems.map((one) => one.name),
    [name],
  );
});

test('a name without any address holds the order back', async () => {
  const findings = await look([name], { resolver: dnsOf({ [name]: [] }) });
  assert.deepEqual(brief(findings), ['unresolved fatal']);
  assert.match(preflightFailure(findings, 0)?.message ?? '', /neither an A nor an AAAA record/);
});

for (const code of ['ESERVFAIL', 'ETIMEOUT', 'ECONNREFUSED'])
  test(`a resolver that answers ${code} proves nothing`, async () => {
    const findings = await look([name], { resolver: dnsOf({ [name]: code }) });
    assert.deepEqual(brief(findings), ['unresolved warning']);
    assert.equal(preflightFailure(findings, 0), null);
  });

test('another server holds the order back, until that was believed three times', async (t) => {
  const port = await listen(t, stranger);
  const resolver = dnsOf({ [name]: [four] });
  const findings = await look([name], { resolver, probe: placesProbe({ [four]: port }) });
  assert.deepEqual(findings, [
    { kind: 'other-server', address: four, status: 404, server: 'nginx', name, weight: 'suspect' },
  ]);
  assert.match(preflightFailure(findings, 2)?.message ?? '', /another server \(nginx\) answers with status 404/);
  assert.equal(preflightFailure(findings, 3), null);
});

test('an AAAA record that leads elsewhere holds the order back though IPv4 leads to us', async (t) => {
  const { board, port } = await us(t);
  const other = await listen(t, stranger);
  const resolver = dnsOf({ [name]: [four, six] });
  const findings = await look([name], { board, resolver, probe: placesProbe({ [four]: port, [six]: other }) });
  assert.deepEqual(brief(findings), [`other-server ${six} suspect`, `reached ${four} fine`]);
  assert.match(preflightFailure(findings, 0)?.message ?? '', /leads to 2001:db8::5/);
});

test('an A record that leads elsewhere is only told where IPv6 leads to us', async (t) => {
  const { board, port } = await us(t);
  const other = await listen(t, stranger);
  const resolver = dnsOf({ [name]: [four, six] });
  const findings = await look([name], { board, resolver, probe: placesProbe({ [four]: other, [six]: port }) });
  assert.deepEqual(brief(findings), [`reached ${six} fine`, `other-server ${four} warning`]);
});

test('IPv6 that is dead while IPv4 works is only told', async (t) => {
  const { board, port } = await us(t);
  const resolver = dnsOf({ [name]: [four, six] });
  const probe = placesProbe({ [four]: port, [six]: failed('ENETUNREACH') });
  const findings = await look([name], { board, resolver, probe });
  assert.deepEqual(brief(findings), [`unreachable ${six} warning`, `reached ${four} fine`]);
  assert.equal(preflightFailure(findings, 0), null);
});

test('a public address that cannot be reached from inside does not hold an order back: it may be ours', async () => {
  const resolver = dnsOf({ [name]: [four] });
  const findings = await look([name], { resolver, probe: placesProbe({ [four]: failed('ECONNREFUSED') }) });
  assert.deepEqual(brief(findings), [`unreachable ${four} warning`]);
  assert.equal(preflightFailure(findings, 0), null);
});

test('a private address is told whatever answers there, since the issuer may see another DNS', async (t) => {
  const { board, port } = await us(t);
  const other = await listen(t, stranger);
  const resolver = dnsOf({ [name]: ['192.168.1.5'], 'b.example.com': ['10.0.0.5'] });
  const probe = placesProbe({ '192.168.1.5': port, '10.0.0.5': other });
  const findings = await look([name, 'b.example.com'], { board, resolver, probe });
  assert.deepEqual(brief(findings), ['reached 192.168.1.5 warning', 'other-server 10.0.0.5 warning']);
  assert.match(findingText(findings[0] as Finding), /nobody on the internet/);
  assert.equal(preflightFailure(findings, 0), null);
});

test('a redirect is told with where it goes', async (t) => {
  const port = await listen(t, (request, response) => {
    response.writeHead(301, { location: `https://${request.headers.host}${request.url}` }).end();
  });
  const resolver = dnsOf({ [name]: [four] });
  const [finding] = await look([name], { resolver, probe: placesProbe({ [four]: port }) });
  assert.equal(finding?.kind, 'redirected');
  assert.match(finding?.kind === 'redirected' ? finding.location : '', /^https:\/\/app\.example\.com\/\.well-known/);
  assert.equal(finding?.weight, 'warning');
});

test('what a server says of itself cannot write to the terminal, and a body without end is cut', async (t) => {
  const port = await listen(t, (_, response) => {
    response.writeHead(200, { server: `evil\u0085${'x'.repeat(1000)}` });
    const pour = () => {
      while (!response.destroyed && response.write('y'.repeat(10_000)));
    };
    response.on('drain', pour);
    pour();
  });
  const resolver = dnsOf({ [name]: [four] });
  const [finding] = await look([name], { resolver, probe: placesProbe({ [four]: port }) });
  assert.ok(finding?.kind === 'other-server' && /^evil x+…$/.test(finding.server) && finding.server.length <= 501);
});

test('after five seconds it ends with what is known, and our answers are taken back', async (t) => {
  const { board, port } = await us(t);
  const clock = new FakeClock();
  const resolver = dnsOf({ [name]: [four, six] });
  const looking = look([name, 'b.example.com'], {
    board,
    clock,
    resolver: {
      resolve4: (asked) => (asked === name ? resolver.resolve4(asked) : new Promise(() => {})),
      resolve6: (asked) => (asked === name ? resolver.resolve6(asked) : new Promise(() => {})),
    },
    probe: placesProbe({ [four]: port, [six]: 'dead' }),
  });
  while (board.shown.size === 0) await new Promise(setImmediate);
  clock.advance(4_999);
  assert.notEqual(clock.pending, 0);
  clock.advance(1);
  const findings = await looking;
  assert.equal(findings.find((one) => 'address' in one && one.address === six)?.kind, 'unreachable');
  assert.deepEqual(brief(findings).at(-1), 'unresolved warning');
  assert.deepEqual([board.shown.size, clock.pending], [0, 0]);
});

test('workers that never show our answer hold nothing back, and take it down when they come to it', async () => {
  const clock = new FakeClock();
  const { promise, resolve } = Promise.withResolvers<{ remove(): void }>();
  let asked = false;
  const board = {
    show: () => {
      asked = true;
      return promise;
    },
  };
  const looking = look([name], { board, clock, resolver: dnsOf({ [name]: [four] }) });
  while (!asked) await new Promise(setImmediate);
  clock.advance(5_000);
  assert.deepEqual(brief(await looking), [`unreachable ${four} warning`]);
  const removed = Promise.withResolvers<void>();
  resolve({ remove: () => removed.resolve() });
  await removed.promise;
});

test('for the alpn challenge a handshake has to bring the certificate that we show', async (t) => {
  const ours = pairFor(name);
  const theirs = pairFor(name);
  const serve = async (pair: { chainPem: string; keyPem: string }, protocols: string[]) => {
    const server = createServer({ cert: pair.chainPem, key: pair.keyPem, ALPNProtocols: protocols });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    return (server.address() as { port: number }).port;
  };
  const places = {
    '203.0.113.1': await serve(ours, ['acme-tls/1']),
    '203.0.113.2': await serve(theirs, ['acme-tls/1']),
    '203.0.113.3': await serve(ours, ['http/1.1']),
  };
  const findings = await look([name], {
    challenge: { kind: 'alpn', certify: async () => ours },
    resolver: dnsOf({ [name]: Object.keys(places) }),
    probe: placesProbe(places),
  });
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['reached', 'other-server', 'other-server'],
  );
  assert.match(findingText(findings[1] as Finding), /another server answers with TLS of its own/);
});

test('a port that hangs up in the middle of a handshake or an answer is unreachable, with its code', async (t) => {
  const server = createPlainServer((socket) => socket.on('data', () => socket.destroy()).on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const probe = networkProbe({ http: port, https: port });
  const never = new AbortController().signal;
  await assert.rejects(probe.alpn({ address: '127.0.0.1', name }, never), { code: 'ECONNRESET' });
  await assert.rejects(probe.http({ address: '127.0.0.1', name, path: '/' }, never), { code: 'ECONNRESET' });
});

test('an address is a name of its own that needs no DNS', async (t) => {
  const { board, port } = await us(t);
  const findings = await look([four], { board, probe: placesProbe({ [four]: port }) });
  assert.deepEqual(brief(findings), [`reached ${four} fine`]);
});

test('private addresses are known', () => {
  const inside = ['10.1.2.3', '172.31.0.1', '192.168.0.1', '127.0.0.1', '100.64.0.1', '169.254.1.1', '::1', 'fd00::1'];
  assert.deepEqual([...inside, '1.1.1.1', '2606:4700::1'].map(isPrivate), [...inside.map(() => true), false, false]);
});
