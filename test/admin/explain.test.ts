import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainText } from '../../src/admin/explain-text.ts';
import type { ExplainView } from '../../src/admin/explain-view.ts';
import type { PickForesight } from '../../src/proxy/foresight.ts';
import { peerId } from '../../src/upstream/peer.ts';
import { adminOver, certificate, labelledContainer, view } from './admin-world.ts';

const containers = [
  labelledContainer(
    { 'proxy.host': 'app.example.com', 'proxy.mirror': 'shadow', 'proxy.cache': 'on' },
    { name: 'app' },
  ),
  labelledContainer(
    {
      'proxy.host': 'app.example.com',
      'proxy.path': '/api',
      'proxy.strip': 'true',
      'proxy.match': 'method=POST header:X-Canary=1',
      'proxy.header.X-Team': 'blue',
    },
    { name: 'api' },
  ),
  labelledContainer({
    'proxy.host': 'new.example.com',
    'proxy.path': '/api',
    'proxy.strip': 'true',
    'proxy.rewrite': '^/v1/(.*)$ -> /v2/$1',
  }),
  labelledContainer({
    'proxy.host': 'shared.example.com',
    'proxy.cors': 'https://*.example.com methods=GET,PUT',
    'proxy.auth': 'basic',
    'proxy.auth.users': 'a:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=',
  }),
  labelledContainer({ 'proxy.host': 'new.example.com', 'proxy.path': '~^/.*a.*z$' }),
  labelledContainer({ 'proxy.host': 'off.example.com' }, { name: 'off', state: 'exited' }),
  labelledContainer({ 'proxy.host': 'old.example.com', 'proxy.redirect': '301 https://new.example.com{uri}' }),
];

async function explained(t: Parameters<typeof adminOver>[0], query: string) {
  const { ask } = await adminOver(t, { containers });
  return (await ask(`/explain?${query}`)).json<ExplainView>();
}

test('a request is told its route, why, and who would take it', async (t) => {
  const view = await explained(t, 'url=http://app.example.com/api');
  assert.equal(view.route, 'app.example.com/');
  assert.equal(view.outcome, 'pool');
  assert.equal(view.answer, null);
  assert.deepEqual(
    view.backends.map(({ container, takes }) => [container, takes]),
    [['app', true]],
  );
  const lacking = view.candidates.find(({ verdict }) => verdict === 'lacking');
  assert.deepEqual(lacking?.lacked, ['method=POST', 'header:x-canary=1']);
});

test('a path that is too long for a regex is told what it gets, and the bound', async (t) => {
  const view = await explained(t, `url=http://new.example.com/${'a'.repeat(5_000)}`);
  assert.deepEqual([view.outcome, view.route, view.answer?.status], ['uri-too-long', null, 414]);
  const lacked = view.candidates.flatMap((candidate) => candidate.lacked);
  assert.ok(lacked.includes('path of at most 4096 characters, on which ~^/.*a.*z$ is tried'), lacked.join());
});

test('method, headers and address of the question count', async (t) => {
  const view = await explained(t, 'url=app.example.com/api/x?q=1&method=post&header=x-canary:%201&ip=203.0.113.7');
  assert.match(view.route ?? '', /^app\.example\.com\/api /);
  assert.equal(view.ip, '203.0.113.7');
  const does = Object.fromEntries(view.steps.map(({ step, does }) => [step, does]));
  assert.equal(does.strip, '/api/x?q=1 → /x?q=1; X-Forwarded-Prefix: /api');
  assert.equal(does.header, 'sets X-Team: blue');
});

test('the path that the backend gets is told step by step', async (t) => {
  const does = async (target: string) =>
    (await explained(t, `url=http://new.example.com${encodeURIComponent(target)}`)).steps
      .filter(({ step }) => step === 'strip' || step === 'rewrite')
      .map((step) => step.does);
  assert.deepEqual(await does('/api/v1/a%20b?c=d'), [
    '/api/v1/a%20b?c=d → /v1/a%20b?c=d; X-Forwarded-Prefix: /api',
    '/v1/a%20b?c=d → /v2/a%20b?c=d',
  ]);
  assert.deepEqual((await does('/api/x'))[1], '/x stays as it is');
});

test('who may read an answer is told, and a preflight is answered before a password is asked for', async (t) => {
  const about = async (query: string) => {
    const { steps, answer } = await explained(t, `url=shared.example.com&${query}`);
    return [steps.find(({ step }) => step === 'cors')?.does, answer?.status];
  };
  const origin = (text: string) => `header=${encodeURIComponent(`Origin: ${text}`)}`;
  assert.deepEqual(await about(''), ['scripts of https://*.example.com may read the answer, without credentials', 401]);
  assert.deepEqual(await about(origin('https://a.example.com')), [
    'scripts of https://a.example.com may read the answer',
    401,
  ]);
  const preflight = 'method=OPTIONS&header=Access-Control-Request-Method:PUT';
  assert.deepEqual(await about(`${preflight}&${origin('https://a.example.com')}`), [
    'answers the preflight with 204: GET, PUT allowed, without credentials',
    204,
  ]);
  assert.deepEqual(await about(`${preflight}&${origin('https://evil.test')}`), [
    'answers the preflight with 204 and allows nothing: https://evil.test is not among the origins',
    204,
  ]);
});

test('what was asked for but is not there yet is among the steps', async (t) => {
  const { steps } = await explained(t, 'url=app.example.com');
  assert.deepEqual([steps[0]?.step, steps[0]?.active, steps[0]?.does], ['mirror', false, 'not yet active']);
});

test('what the cache would do is told by what it would do it to', async (t) => {
  const does = async (question: string) =>
    (await explained(t, question)).steps.find(({ step }) => step === 'cache')?.does ?? '';
  assert.match(await does('url=app.example.com'), /^answers from the store .* by what the backend says/);
  assert.match(await does('url=app.example.com&method=POST'), /^forgets what is stored/);
  assert.match(await does('url=app.example.com&method=OPTIONS'), /^has no part/);
});

test('which error pages stand in for what is told', async (t) => {
  const labels = { 'proxy.host': 'shop.example.com', 'proxy.errors': '404,5xx /errors/{status}.html 429 builtin' };
  const { ask } = await adminOver(t, {
    containers: [
      labelledContainer(labels, { name: 'shop' }),
      labelledContainer({ ...labels, 'proxy.path': '/all', 'proxy.errors.intercept': 'true' }, { name: 'all' }),
    ],
  });
  const does = async (url: string) =>
    (await ask(`/explain?url=${url}`)).json<ExplainView>().steps.find(({ step }) => step === 'errors')?.does;
  const pages = '404,500-599: /errors/{status}.html of the backend; 429: the built-in page';
  assert.equal(await does('shop.example.com'), `${pages}; not for what the backend answers`);
  assert.equal(await does('shop.example.com/all'), `${pages}; also for what the backend answers`);
});

test('an unknown host gets the nearest ones, and what the client sees', async (t) => {
  const view = await explained(t, 'url=http://ap.example.com/');
  assert.equal(view.outcome, 'host-unknown');
  assert.deepEqual(view.nearestHosts.slice(0, 1), ['app.example.com']);
  assert.equal(view.answer?.status, null);
  assert.match(view.answer?.meaning ?? '', /closed without an answer/);
});

test('a route that is down says the status and the reason', async (t) => {
  const view = await explained(t, 'url=off.example.com');
  assert.equal(view.answer?.status, 503);
  assert.equal(view.answer?.reason, 'no-backend');
  assert.match(view.backends[0]?.reason ?? '', /exit/);
});

test('a redirect is shown with its placeholders filled', async (t) => {
  const view = await explained(t, 'url=http://old.example.com/a?b=c');
  assert.equal(
    view.steps.find(({ step }) => step === 'redirect')?.does,
    'answers 301 to https://new.example.com/a?b=c',
  );
});

test('a name and a password in the address of a redirect are shown nowhere', async (t) => {
  const labels = { 'proxy.host': 'old.example.com', 'proxy.redirect': 'https://ann:tops3cret@new.example.com{uri}' };
  const { ask } = await adminOver(t, { containers: [labelledContainer(labels)] });
  for (const path of ['/routes', '/routes?format=text', '/explain?url=old.example.com', '/route?id=old.example.com/']) {
    const { status, body } = await ask(path);
    assert.equal(status, 200, path);
    assert.match(body, /new\.example\.com/, path);
    assert.doesNotMatch(body, /tops3cret/, path);
  }
});

test('a label of any length leaves room for its text, also in a narrow terminal', async (t) => {
  const key = `proxy.${'long-'.repeat(30)}.auth.users`;
  const closed = labelledContainer({ 'proxy.host': 'app.example.com', [key]: 'ann:x' });
  const { ask } = await adminOver(t, { containers: [closed] });
  const view = (await ask('/explain?url=app.example.com')).json<ExplainView>();
  assert.equal(view.answer?.reason, 'label-invalid');
  for (const columns of [10, 40, 100, 300]) {
    const text = explainText(view, { colours: false, columns });
    assert.match(text, /✗ long-long-.*…: 503 label-invalid/);
    assert.ok(
      text.split('\n').every((line) => line.length <= Math.max(60, columns)),
      text,
    );
  }
});

test('a question that cannot be asked is answered with a sentence', async (t) => {
  const { ask } = await adminOver(t, { containers });
  const questions = [
    '',
    'url=',
    'url=///',
    'url=a&ip=nobody',
    'url=a&method=G%20T',
    'url=a&header=x',
    `url=${'a'.repeat(9000)}`,
  ];
  for (const query of questions) {
    const { status, body } = await ask(`/explain?${query}`);
    assert.equal(status, 400, query);
    assert.match(body, /"error": "`(url|ip|method|header)` /);
  }
});

test('the text is one page for a terminal', async (t) => {
  const { ask } = await adminOver(t, { containers });
  const { body } = await ask('/explain?url=http://app.example.com/api', { headers: { accept: 'text/plain' } });
  assert.match(body, /^GET http:\/\/app\.example\.com\/api from 127\.0\.0\.1\nROUTE app\.example\.com\/\n/);
  assert.match(body, /\nCANDIDATES\n {2}✗ app\.example\.com\/api .* wants method=POST, header:x-canary=1\n {2}✓ app/);
  assert.match(body, /\nBACKENDS\n {2}✓ app /);
});

test('what is wrong with the labels of the route is told, and not that of others', async (t) => {
  const typo = (host: string) =>
    labelledContainer({ 'proxy.host': host, 'proxy.timout': '3s' }, { name: `of-${host.split('.')[0]}` });
  const { ask } = await adminOver(t, { containers: [typo('a.example.com'), typo('b.example.com'), ...containers] });
  const { problems } = (await ask('/explain?url=a.example.com')).json<ExplainView>();
  assert.deepEqual(
    problems.map(({ container, label, suggestion, severity }) => [container, label, suggestion, severity]),
    [['of-a', 'proxy.timout', 'did you mean `proxy.timeout`?', 'error']],
  );
  const { body } = await ask('/explain?url=a.example.com&format=text');
  assert.match(
    body,
    /\nPROBLEMS\n {2}✗ of-a: proxy\.timout=3s\n {4}expected: .*\n {4}did you mean `proxy\.timeout`\?(\n|$)/,
  );
  assert.deepEqual((await ask('/explain?url=new.example.com/api')).json<ExplainView>().problems, []);
  assert.deepEqual((await ask('/explain?url=nobody.example.com')).json<ExplainView>().problems, []);
});

test('over HTTPS the certificate is told that the client is shown', async (t) => {
  const { ask } = await adminOver(t, { containers, certificates: [certificate()] });
  const { tls, answer } = (await ask('/explain?url=https://app.example.com/')).json<ExplainView>();
  assert.equal(tls.scheme, 'https');
  assert.equal(
    tls.does,
    'the client is shown the certificate of app.example.com, signed by R11, valid until 2027-01-30',
  );
  assert.deepEqual(tls.certificate, {
    ...{ names: ['app.example.com'], state: 'valid', issuer: 'R11', notAfter: '2027-01-30T00:00:00.000Z' },
  });
  assert.equal(answer, null);
});

test('over plain HTTP the client is sent to HTTPS once the certificate is there, and not before', async (t) => {
  const { ask } = await adminOver(t, { containers, certificates: [certificate()] });
  const { answer, tls } = (await ask('/explain?url=http://app.example.com/a?b=c')).json<ExplainView>();
  assert.deepEqual([answer?.status, answer?.meaning], [301, 'redirected to https://app.example.com/a?b=c']);
  assert.match(tls.does, /^its certificate is there/);
  const posted = (await ask('/explain?url=http://app.example.com/a&method=PATCH')).json<ExplainView>();
  assert.equal(posted.answer?.status, 308);
  const ordering = certificate({ state: 'ordering', issuer: null, notAfter: null });
  const early = await adminOver(t, { containers, certificates: [ordering] });
  const before = (await early.ask('/explain?url=http://app.example.com/')).json<ExplainView>();
  assert.equal(before.answer, null);
  assert.match(before.tls.does, /no certificate to send the client to yet: being ordered/);
});

test('a certificate of the internal CA that nobody asked for sends nobody from plain HTTP', async (t) => {
  const internal = certificate({ mode: 'internal', issuer: 'Fairlead local root' });
  const { ask } = await adminOver(t, { containers, certificates: [internal], isReady: () => false });
  const { answer, tls } = (await ask('/explain?url=http://app.example.com/')).json<ExplainView>();
  assert.equal(answer, null);
  assert.match(tls.does, /^served over plain HTTP: .*proxy\.tls=internal or proxy\.http=redirect/);
});

test('without a certificate the handshake is refused, or a placeholder is shown where the label asks for one', async (t) => {
  const ordering = certificate({ state: 'ordering', issuer: null, notAfter: null });
  const does = async (labels: Record<string, string>) => {
    const asking = [labelledContainer({ 'proxy.host': 'app.example.com', ...labels })];
    const { ask } = await adminOver(t, { containers: asking, certificates: [ordering] });
    return (await ask('/explain?url=https://app.example.com/')).json<ExplainView>().tls.does;
  };
  assert.match(await does({}), /^there is no certificate to show, so the handshake is refused: being ordered/);
  assert.match(await does({ 'proxy.tls.placeholder': 'true' }), /^until there is a certificate.*a placeholder of the/);
});

test('what the labels say of plain HTTP and of TLS is told', async (t) => {
  const told = async (labels: Record<string, string>, url: string) => {
    const one = labelledContainer({ 'proxy.host': 'app.example.com', ...labels });
    const { ask } = await adminOver(t, { containers: [one], certificates: [certificate()] });
    return (await ask(`/explain?url=${url}`)).json<ExplainView>();
  };
  assert.match((await told({ 'proxy.http': 'serve' }, 'http://app.example.com')).tls.does, /proxy\.http=serve/);
  const refused = await told({ 'proxy.http': 'off' }, 'http://app.example.com');
  assert.deepEqual([refused.answer?.status, refused.answer?.reason], [403, 'https-required']);
  assert.match(refused.tls.does, /proxy\.http=off/);
  assert.match((await told({ 'proxy.tls': 'off' }, 'http://app.example.com')).tls.does, /served.*proxy\.tls=off/);
  assert.match((await told({ 'proxy.tls': 'off' }, 'https://app.example.com')).tls.does, /refused: proxy\.tls=off/);
});

test('an unknown name is told how its handshake ends, and a host without a certificate too', async (t) => {
  const handshake = async (url: string, settings: Parameters<typeof adminOver>[2] = {}) => {
    const { ask } = await adminOver(t, { containers }, settings);
    return (await ask(`/explain?url=${url}`)).json<ExplainView>().tls.does;
  };
  assert.match(await handshake('https://nobody.test/'), /unrecognized_name/);
  assert.match(await handshake('https://nobody.test/', { unknownHost: '404' }), /not for it, then 404/);
  assert.match(await handshake('https://app.example.com/'), /no certificate covers app\.example\.com/);
  assert.match(await handshake('https://app.example.com/', { https: null }), /nothing listens for HTTPS/);
  assert.match(await handshake('http://app.example.com/', { https: null }), /^served.*FAIRLEAD_HTTPS=off/);
  assert.match(await handshake('http://app.example.com/', { http: null }), /^nothing listens for plain HTTP/);
});

test('what protects a route is told in its order, and an answer that is certain is given', async (t) => {
  const labels = {
    'proxy.host': 'guarded.example.com',
    'proxy.deny': '203.0.113.0/24',
    'proxy.limit': '10/s burst=20',
    'proxy.maxbody': '1m',
    'proxy.auth': 'basic except=/public',
    'proxy.auth.users': `admin:$2y$05$${'c'.repeat(53)}`,
  };
  const { ask } = await adminOver(t, { containers: [labelledContainer(labels)] });
  const view = async (query: string) =>
    (await ask(`/explain?url=http://guarded.example.com${query}`)).json<ExplainView>();
  const asked = await view('/');
  assert.deepEqual(
    asked.steps.slice(0, 4).map(({ step, active }) => [step, active]),
    [
      ['deny', true],
      ['limit', true],
      ['auth', true],
      ['maxbody', true],
    ],
  );
  assert.equal(asked.answer?.reason, 'auth-required');
  assert.equal((await view('/&ip=203.0.113.9')).answer?.reason, 'address-denied');
  assert.equal((await view('/public/x')).answer, null);
  assert.equal((await view('/&header=Authorization:%20Basic%20eDp5')).answer?.reason, 'auth-required');
});

const verdicts = ({ steps }: ExplainView) =>
  steps.filter(({ active }) => active).map(({ step, verdict, reached }) => [step, reached ? verdict : 'not reached']);
const authorization = (text: string) =>
  `header=${encodeURIComponent(`Authorization: Basic ${Buffer.from(text).toString('base64')}`)}`;
/** The password is `sesame`. */
const users = 'ann:{SHA}CEo1Ae3vaEXy8eQZjsOiuBz1xrw=';

test('behind a step that stops the request nothing is reached, but for what works on the answer', async (t) => {
  const labels = {
    'proxy.host': 'app.example.com',
    'proxy.deny': '203.0.113.0/24',
    'proxy.maxbody': '1k',
    'proxy.strip': '/api',
    'proxy.header.X-A': 'b',
    'proxy.errors': '403 builtin',
    'proxy.errors.intercept': 'true',
    'proxy.compress': 'true',
  };
  const { ask } = await adminOver(t, { containers: [labelledContainer(labels)] });
  const about = async (query: string) =>
    (await ask(`/explain?url=http://app.example.com/api/x&${query}`)).json<ExplainView>();
  const denied = await about('ip=203.0.113.1');
  assert.deepEqual(verdicts(denied), [
    ...[
      ['deny', 'stop'],
      ['maxbody', 'not reached'],
      ['strip', 'not reached'],
      ['lb', 'not reached'],
      ['retries', 'not reached'],
      ['timeout', 'not reached'],
    ],
    ...[
      ['errors', 'changes'],
      ['header', 'changes'],
      ['compress', 'not reached'],
    ],
  ]);
  const [deny] = denied.steps;
  assert.deepEqual([deny?.status, deny?.reason, denied.picked], [403, 'address-denied', null]);
  const large = await about('method=POST&header=Content-Length:2000');
  assert.deepEqual(verdicts(large).slice(0, 3), [
    ['deny', 'pass'],
    ['maxbody', 'stop'],
    ['strip', 'not reached'],
  ]);
  assert.equal(large.answer?.status, 413);
  assert.deepEqual(verdicts(await about('')).slice(2, 4), [
    ['strip', 'changes'],
    ['lb', 'pass'],
  ]);
});

test('a password is compared for real, and is told nowhere', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.auth': 'basic', 'proxy.auth.users': users };
  const { ask } = await adminOver(t, { containers: [labelledContainer(labels)] });
  const about = (query: string) => ask(`/explain?url=http://app.example.com/&${query}`);
  const step = async (query: string) =>
    (await about(query)).json<ExplainView>().steps.find(({ step: name }) => name === 'auth');
  const right = await about(authorization('ann:sesame'));
  assert.doesNotMatch(right.body, /sesame|YW5uOnNlc2FtZQ/);
  const signedIn = await step(authorization('ann:sesame'));
  assert.deepEqual([signedIn?.verdict, signedIn?.does], ['pass', 'ann is signed in']);
  const wrong = await step(authorization('ann:wrong'));
  assert.deepEqual([wrong?.verdict, wrong?.status, wrong?.reason], ['stop', 401, 'auth-required']);
  assert.match(wrong?.does ?? '', /not right$/);
  assert.match((await step(''))?.does ?? '', /none were given$/);
  assert.equal((await step(authorization('bob:sesame')))?.verdict, 'stop');
});

test('a server that decides is not asked, and its address is told nowhere', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.auth': 'forward:http://secret.internal/check' };
  const { ask } = await adminOver(t, { containers: [labelledContainer(labels)] });
  const answer = await ask('/explain?url=http://app.example.com/');
  assert.doesNotMatch(answer.body, /secret\.internal/);
  const { steps, answer: own, picked } = answer.json<ExplainView>();
  const auth = steps.find(({ step }) => step === 'auth');
  assert.deepEqual([auth?.verdict, auth?.reached], ['unknown', true]);
  assert.match(auth?.does ?? '', /is not asked/);
  assert.equal(own, null);
  assert.notEqual(picked, null);
});

test('a limit says how the client stands, or that it cannot be said', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.limit': '1/m burst=2' };
  const asked: string[] = [];
  const step = async (
    backlogMs: number | null,
    delay = 'false',
    countedBy: 'this-proxy' | 'all-proxies' = 'this-proxy',
  ) => {
    const containers = [labelledContainer({ ...labels, 'proxy.limit.delay': delay })];
    const { ask } = await adminOver(t, {
      containers,
      limit: async ({ key }) => {
        asked.push(key);
        return backlogMs === null ? null : { backlogMs, countedBy };
      },
    });
    const { steps } = (await ask('/explain?url=http://app.example.com/&ip=203.0.113.1')).json<ExplainView>();
    const limit = steps.find(({ step: name }) => name === 'limit');
    return [limit?.verdict, limit?.status, limit?.does.replace(/^.*?then 429\. /, '')];
  };
  assert.deepEqual(await step(0), ['pass', null, 'Now: let through, 2 more could come at once']);
  assert.deepEqual(await step(61_000, 'true'), [
    'pass',
    null,
    'Now: let through after 61 s, 0 more could come at once',
  ]);
  assert.deepEqual(await step(150_000, 'false', 'all-proxies'), [
    'stop',
    429,
    'Now: used up, and one more may come in 30 s, counted over all proxies',
  ]);
  const [verdict, status, does] = await step(null);
  assert.deepEqual([verdict, status], ['unknown', null]);
  assert.match(String(does), /cannot be said: the data plane.*did not answer/);
  assert.deepEqual(new Set(asked), new Set(['203.0.113.1']));
});

test('a head that cannot be read in one way is refused as the data plane would, and the header at fault is named', async (t) => {
  const { ask } = await adminOver(t, { containers });
  const about = async (...headers: string[]) => {
    const query = new URLSearchParams({ url: 'http://app.example.com/' });
    for (const header of headers) query.append('header', header);
    const { answer, why, route } = (await ask(`/explain?${query}`)).json<ExplainView>();
    return [route, answer?.status, /the header ([\w-]+)/.exec(why)?.[1]];
  };
  assert.deepEqual(await about('Content-Length: 5x'), [null, 400, 'Content-Length']);
  assert.deepEqual(await about('X-A: b', 'Transfer-Encoding: gzip'), [null, 501, 'Transfer-Encoding']);
  assert.deepEqual(await about('Host: app.example.com', 'Host: other.example.com'), [null, 400, 'Host']);
  assert.deepEqual(await about('Host: a b'), [null, 400, undefined]);
  assert.deepEqual(await about('X-A: b'), ['app.example.com/', undefined, undefined]);
});

test('what becomes of headers before the route is asked is told', async (t) => {
  const notes = async (headers: readonly string[], trusted: readonly string[] = [], ip = '198.51.100.1') => {
    const { ask } = await adminOver(t, { containers }, { trusted });
    const query = new URLSearchParams({ url: 'http://app.example.com/', ip });
    for (const header of headers) query.append('header', header);
    return (await ask(`/explain?${query}`)).json<ExplainView>();
  };
  assert.deepEqual((await notes(['X-A: b'])).notes, []);
  const host = await notes(['Host: off.example.com']);
  assert.equal(host.route, 'off.example.com/');
  assert.match(host.notes.join('\n'), /Host is what counts: the request is for off\.example\.com/);
  assert.match((await notes(['X_Real_IP: 1.2.3.4'])).notes.join('\n'), /^X_Real_IP: dropped/);
  assert.match((await notes(['Proxy: http://a.test'])).notes.join('\n'), /^Proxy: dropped/);
  assert.match((await notes(['Connection: X-A', 'X-A: b'])).notes.join('\n'), /^Connection, X-A: of the connection/);
  const claimed = await notes(['X-Forwarded-For: 203.0.113.9']);
  assert.equal(claimed.ip, '198.51.100.1');
  assert.match(claimed.notes.join('\n'), /^X-Forwarded-For: not believed, because 198\.51\.100\.1 is not in/);
  const believed = await notes(['X-Forwarded-For: 203.0.113.9'], ['198.51.100.0/24']);
  assert.equal(believed.ip, '203.0.113.9');
  assert.match(believed.notes.join('\n'), /the client is 203\.0\.113\.9, says 198\.51\.100\.1/);
});

test('a container that names the host and has no route is named, with the reason', async (t) => {
  const broken = labelledContainer({ 'proxy.host': 'gone.example.com', 'proxy.port': 'none' }, { name: 'gone' });
  const hidden = labelledContainer({ 'proxy.host': 'gone.example.com', 'proxy.enable': 'false' }, { name: 'hidden' });
  const misspelt = labelledContainer({ 'proxy.hots': 'mist.example.com' }, { name: 'mist' });
  const traefik = labelledContainer({ 'traefik.http.routers.a.rule': 'Host(`else.example.com`)' }, { name: 'else' });
  const { ask } = await adminOver(t, { containers: [...containers, broken, hidden, misspelt, traefik] });
  const unserved = async (host: string) => (await ask(`/explain?url=http://${host}/`)).json<ExplainView>().unserved;
  const [mist] = await unserved('mist.example.com');
  assert.deepEqual([mist?.container, mist?.label], ['mist', 'proxy.hots']);
  assert.match(mist?.why ?? '', /did you mean/);
  assert.deepEqual(await unserved('else.example.com'), [
    {
      container: 'else',
      label: 'traefik.http.routers.a.rule',
      why: 'that is no label of this proxy; proxy.host=else.example.com is',
    },
  ]);
  const away = await adminOver(t, { containers: [hidden] });
  const [one] = (await away.ask('/explain?url=http://gone.example.com/')).json<ExplainView>().unserved;
  assert.deepEqual([one?.container, one?.why], ['hidden', '`proxy.enable=false` hides it']);
  assert.deepEqual(await unserved('app.example.com'), []);
});

test('over TLS a request for a host that the certificate does not cover is misdirected', async (t) => {
  const { ask } = await adminOver(t, { containers, certificates: [certificate()] });
  const about = async (host: string) =>
    (await ask(`/explain?url=https://app.example.com/&header=Host:${host}`)).json<ExplainView>();
  const { answer, steps } = await about('off.example.com');
  assert.deepEqual([answer?.status, answer?.reason], [421, 'misdirected']);
  assert.ok(steps.every(({ reached }) => !reached));
  assert.equal((await about('app.example.com')).answer, null);
});

test('who would get the request is told with the chances of the others', async (t) => {
  const three = ['a', 'b', 'c'].map((name) =>
    labelledContainer(
      { 'proxy.host': 'app.example.com', 'proxy.maxconn': '2', 'proxy.weight': name === 'a' ? '3' : '1' },
      { name },
    ),
  );
  const { built } = view({ containers: three });
  const [route] = built().table.routes;
  assert.ok(route?.serving.kind === 'pool');
  const [a, b, c] = route.serving.backends.map(peerId) as [string, string, string];
  const peer = { state: 'healthy', unfit: null, backup: false, share: 1, inFlight: 0 } as const;
  const about = async (...picks: PickForesight[]) => {
    const peers = [
      { ...peer, id: a, share: 3 },
      { ...peer, id: b, inFlight: 1 },
      { ...peer, id: c, unfit: 'backend-busy' as const, inFlight: 2 },
    ];
    const foresights = picks.map((pick) => ({ peers, pick, cache: null }));
    const { ask } = await adminOver(t, {
      containers: three,
      foresee: async () => ({ workers: picks.length, foresights }),
    });
    return (await ask('/explain?url=http://app.example.com/')).json<ExplainView>();
  };
  const turns = await about({ kind: 'among', ids: [a, b] }, { kind: 'among', ids: [a, b] });
  assert.deepEqual([turns.picked, turns.answer], [null, null]);
  assert.match(turns.pickedBy, /^by turns/);
  assert.deepEqual(
    turns.backends.map(({ container, takes, share, inFlight }) => [container, takes, share, inFlight]),
    [
      ['a', true, 0.75, 0],
      ['b', true, 0.25, 1],
      ['c', false, null, 2],
    ],
  );
  assert.match(turns.backends[2]?.reason ?? '', /as many as it may \(proxy\.maxconn\)/);
  const certain = await about({ kind: 'peer', id: b, session: false }, { kind: 'peer', id: b, session: false });
  assert.equal(certain.picked, 'b');
  const differing = await about({ kind: 'peer', id: b, session: false }, { kind: 'peer', id: a, session: false });
  assert.deepEqual([differing.picked, /do not agree/.test(differing.pickedBy)], [null, true]);
  const held = await about({ kind: 'nobody', reason: 'backend-starting', heldMs: 9_950 });
  assert.deepEqual([held.answer?.status, held.answer?.reason], [503, 'backend-starting']);
  assert.match(held.answer?.meaning ?? '', /once it was held for 10s/);
  assert.equal(held.steps.find(({ step }) => step === 'lb')?.verdict, 'unknown');
  const refused = await about({ kind: 'nobody', reason: 'backend-busy', heldMs: 0 });
  assert.equal(refused.steps.find(({ step }) => step === 'lb')?.verdict, 'stop');
});

test('no backend is named where each worker answers from its store or refuses, though not all alike', async (t) => {
  const ages = { ageSeconds: null, ttlSeconds: null };
  const hit = { word: 'HIT', status: 200, refused: false, ...ages } as const;
  const about = async (refused: boolean) => {
    const miss = { word: 'MISS', status: null, refused, ...ages } as const;
    const foresights = [hit, miss].map((cache) => ({
      ...{ peers: [], pick: { kind: 'peer', id: 'x', session: false } as const, cache },
    }));
    const { ask } = await adminOver(t, {
      containers: [labelledContainer({ 'proxy.host': 'app.example.com', 'proxy.cache': 'on' })],
      foresee: async () => ({ workers: 2, foresights }),
    });
    const { answer, pickedBy, steps } = (await ask('/explain?url=app.example.com')).json<ExplainView>();
    const cache = steps.find(({ step }) => step === 'cache');
    assert.deepEqual([answer, cache?.verdict], [null, 'unknown']);
    return [pickedBy, /HIT at 1, MISS at 1(.*)$/.exec(cache?.does ?? '')?.[1]];
  };
  assert.deepEqual(await about(true), [
    'no backend is asked: cache answers',
    '; without a stored answer 504 not-cached',
  ]);
  const [pickedBy, more] = await about(false);
  assert.doesNotMatch(pickedBy ?? '', /no backend is asked/);
  assert.equal(more, '');
});
