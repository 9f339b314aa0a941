import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CheckResult } from '../../src/cli/check-result.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { fairlead } from './terminal.ts';

/** Checks compose files with these texts. */
async function check(t: TestContext, texts: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const dir = temporaryDirectory(t);
  const files = texts.map((text, at) => {
    const path = join(dir, `compose-${at}.yaml`);
    writeFileSync(path, text);
    return path;
  });
  const { code, out, err } = await fairlead(['check', '--json', ...files], env);
  const problems = out === '' ? [] : (JSON.parse(out) as CheckResult).problems;
  return { code, err, problems, labels: problems.map(({ container, label }) => `${container} ${label}`.trim()) };
}

test('labels as a list and as a map are the same', async (t) => {
  const list = 'services:\n  app:\n    labels:\n      - proxy.host=app.example.com\n      - proxy.hots=x\n';
  const map =
    'services:\n  app:\n    labels:\n      proxy.host: app.example.com\n      proxy.hots: x\n      proxy.port: 80\n      proxy.ws: true\n';
  for (const text of [list, map]) {
    const { code, labels } = await check(t, [text]);
    assert.equal(code, 1);
    assert.deepEqual(labels, ['app proxy.hots']);
  }
});

test('files without a fault are clean, services without labels are nobody’s business', async (t) => {
  const text = 'services:\n  app:\n    image: x\n    labels: ["proxy.host=app.example.com"]\n  db:\n    image: y\n';
  assert.deepEqual(await check(t, [text]), { code: 0, err: '', problems: [], labels: [] });
});

test('a later file adds labels to an earlier one, and wins', async (t) => {
  const base = 'services:\n  app:\n    labels: ["proxy.host=app.example.com", "proxy.port=x"]\n';
  const over = 'services:\n  app:\n    labels: { proxy.port: 3000 }\n';
  assert.equal((await check(t, [base])).code, 1);
  assert.equal((await check(t, [base, over])).code, 0);
});

test('problems come in the order of the files and their lines', async (t) => {
  const base =
    'services:\n  app:\n    labels:\n      proxy.wait: soon\n      proxy.hots: x\n      proxy.host: app.example.com\n      proxy.drain: later\n';
  const over = 'services:\n  app:\n    labels: { proxy.weight: much }\n';
  const { labels } = await check(t, [base, over]);
  assert.deepEqual(labels, ['app proxy.wait', 'app proxy.hots', 'app proxy.drain', 'app proxy.weight']);
});

test('anchors and merge keys are followed', async (t) => {
  const text =
    'x-l: &l\n  proxy.host: app.example.com\n  proxy.ws: maybe\nservices:\n  app:\n    labels:\n      <<: *l\n';
  assert.deepEqual((await check(t, [text])).labels, ['app proxy.ws']);
});

test('variables have their values, their defaults, and two dollars are one', async (t) => {
  const text = `services:
  app:
    labels:
      proxy.host: "\${NAME}.example.com,\${OTHER:-b}.example.com"
      proxy.match: header:X-Price=$$5
`;
  assert.deepEqual(await check(t, [text], { NAME: 'a' }), { code: 0, err: '', problems: [], labels: [] });
  assert.deepEqual((await check(t, [text])).labels, ['app proxy.host', 'app proxy.host']);
});

test('a default may hold variables, and `.env` beside the first file has values, after the environment', async (t) => {
  const text = `services:\n  app:\n    labels: { proxy.host: "\${A:-\${B}.example.com}" }\n`;
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'compose.yaml'), text);
  writeFileSync(join(dir, '.env'), 'B=fine\n');
  assert.equal((await fairlead(['check', join(dir, 'compose.yaml')])).code, 0);
  assert.equal((await fairlead(['check', join(dir, 'compose.yaml')], { A: 'not fine' })).code, 1);
});

test('a dollar sign before what is neither a name nor a brace stays, as compose leaves it', async (t) => {
  const text = `services:\n  app:\n    labels: { proxy.host: '~^app[0-9]$', proxy.match: "header:X-Price=$5" }\n`;
  assert.deepEqual(await check(t, [text]), { code: 0, err: '', problems: [], labels: [] });
});

test('a variable outside of labels that has no value is a notice', async (t) => {
  const text = 'services:\n  app:\n    image: app:$TAG\n    labels: { proxy.host: a.example.com }\n';
  const { code, labels } = await check(t, [text]);
  assert.deepEqual([code, labels], [0, [`\${TAG}`]]);
});

test('what an entry of users lost to compose is not shown', async (t) => {
  const text =
    'services:\n  app:\n    labels: ["proxy.host=a.example.com", "proxy.auth=basic", "proxy.auth.users=a:$apr1$Secret$Hash"]\n';
  const { problems } = await check(t, [text]);
  assert.equal(problems.length, 2);
  assert.doesNotMatch(JSON.stringify(problems), /Secret|Hash/);
});

test('profiles choose services; where none is named all are read', async (t) => {
  const text = `services:
  app: { labels: { proxy.host: a.example.com } }
  tools: { profiles: [tools, dev], labels: { proxy.hots: b.example.com } }
`;
  const path = join(temporaryDirectory(t), 'compose.yaml');
  writeFileSync(path, text);
  const code = async (args: readonly string[], env = {}) => (await fairlead(['check', ...args, path], env)).code;
  assert.equal(await code([]), 1);
  assert.equal(await code(['--profile', 'other']), 0);
  assert.equal(await code(['--profile', 'other', '--profile', 'dev']), 1);
  assert.equal(await code([], { COMPOSE_PROFILES: 'other' }), 0);
});

test('included files are read, and a mistake in one is told with its file', async (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'more.yaml'), 'services:\n  more:\n    labels: ["proxy.hots=x"]\n');
  writeFileSync(join(dir, 'compose.yaml'), 'include: [more.yaml]\nservices:\n  app: {}\n');
  const { out } = await fairlead(['check', '--json', join(dir, 'compose.yaml')]);
  const [problem] = (JSON.parse(out) as CheckResult).problems;
  assert.deepEqual([problem?.file, problem?.line, problem?.container], [join(dir, 'more.yaml'), 3, 'more']);
});

test('files that include or extend each other in a circle end', async (t) => {
  const dir = temporaryDirectory(t);
  const text =
    'include: [compose.yaml]\nservices:\n  a: { extends: b, labels: ["proxy.host=a.example.com"] }\n  b: { extends: a }\n';
  writeFileSync(join(dir, 'compose.yaml'), text);
  assert.equal((await fairlead(['check', join(dir, 'compose.yaml')])).code, 0);
});

test('two services of one image, whatever its tag, take turns without a word', async (t) => {
  const text = (image: string) => `services:
  blue: { image: "my/app:1", labels: { proxy.host: a.example.com } }
  green: { image: "${image}", labels: { proxy.host: a.example.com } }
`;
  assert.equal((await check(t, [text('my/app:2')])).code, 0);
  assert.deepEqual((await check(t, [text('other/app:1')])).labels, ['green proxy.host']);
});

test('what publishes 2222:22 may listen elsewhere besides', async (t) => {
  const text =
    'services:\n  git:\n    ports: ["2222:22"]\n    labels: { proxy.host: git.example.com, proxy.port: 3000 }\n';
  assert.equal((await check(t, [text])).code, 0);
});

test('a limit is well where the proxy publishes its ports, knows whom to trust, or counts by a header', async (t) => {
  const text = (proxy: string, key = '') => `services:
  edge: { image: fairlead${proxy} }
  app: { labels: { proxy.host: a.example.com, proxy.limit: 10/s${key} } }
`;
  assert.equal((await check(t, [text('')])).code, 1);
  for (const proxy of [', ports: ["443:443"]', ', network_mode: host', ', environment: { FAIRLEAD_TRUSTED: private }'])
    assert.equal((await check(t, [text(proxy)])).code, 0, proxy);
  assert.equal((await check(t, [text('', ' key=header:X-User')])).code, 0);
});

test('problems become annotations of GitHub, by themselves where GitHub Actions runs', async (t) => {
  const path = join(temporaryDirectory(t), 'compose.yaml');
  writeFileSync(path, 'services:\n  app:\n    labels:\n      proxy.host: a.example.com\n      proxy.hots: "50%"\n');
  const line =
    '::error file=compose.yaml,line=5,title=app%3A proxy.hots::proxy.hots=50%25: expected: a known option (see docs/labels.md); did you mean `proxy.host`?\n';
  const env = { GITHUB_WORKSPACE: dirname(path) };
  for (const [args, more] of [
    [['--format', 'github'], {}],
    [[], { GITHUB_ACTIONS: 'true' }],
  ] as const) {
    const { code, out } = await fairlead(['check', ...args, path], { ...env, ...more });
    assert.equal(code, 1);
    assert.equal(out, `${line}1 error in 1 service of ${path} (1 route)\n`);
  }
  const { out } = await fairlead(['check', '--json', path], { GITHUB_ACTIONS: 'true' });
  assert.equal(JSON.parse(out).problems.length, 1);
});

test('a network that the service is not on is found, by its key as well as by its name', async (t) => {
  const text = (label: string) => `services:
  app:
    networks: [web]
    labels: { proxy.host: a.example.com, proxy.network: ${label} }
networks:
  web: { name: the-web }
`;
  assert.equal((await check(t, [text('the-web')])).code, 0);
  assert.deepEqual((await check(t, [text('elsewhere')])).labels, ['app proxy.network']);
});

test('what two services of one host disagree on is a warning', async (t) => {
  const text = `services:
  a: { labels: { proxy.host: x.example.com, proxy.timeout: 5s } }
  b: { labels: { proxy.host: x.example.com, proxy.timeout: 9s } }
`;
  const { code, problems } = await check(t, [text]);
  assert.equal(code, 1);
  assert.deepEqual(
    problems.map(({ severity }) => severity),
    ['warning'],
  );
});

test('labels under deploy are not on the container', async (t) => {
  const text = 'services:\n  app:\n    deploy:\n      labels: { proxy.host: a.example.com }\n';
  assert.deepEqual((await check(t, [text])).labels, ['app deploy.labels.proxy.host']);
});

test('what is not yet active is said, but does not fail a check', async (t) => {
  const text = 'services:\n  app:\n    labels: { proxy.host: a.example.com, proxy.mirror: shadow }\n';
  const { code, problems } = await check(t, [text]);
  assert.equal(code, 0);
  assert.deepEqual(
    problems.map(({ severity }) => severity),
    ['info'],
  );
});

test('fleet defaults and profiles count, and have to be right themselves', async (t) => {
  const text = 'services:\n  app:\n    labels: { proxy.host: a.example.com, proxy.use: calm }\n';
  assert.equal((await check(t, [text])).code, 1);
  assert.equal((await check(t, [text], { FAIRLEAD_PROFILE_CALM: 'timeout=5m' })).code, 0);
  const wrong = await check(t, [text], { FAIRLEAD_PROFILE_CALM: 'timeout=soon' });
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /FAIRLEAD_PROFILE_CALM/);
});

test('a file that cannot be read is named, with what is wrong, and the exit code is 2', async (t) => {
  const texts = ['services: [', 'a: 1\n', 'just text', '', 'services:\n  a: &a [*a, *a]\n  b: *nothing\n'];
  for (const text of texts) {
    const { code, err } = await check(t, [text]);
    assert.equal(code, 2, text);
    assert.match(err, /compose-0\.yaml: /);
  }
  assert.equal((await fairlead(['check', '/nowhere/compose.yaml'])).code, 2);
});

test('shapes that compose would refuse do not end the check', async (t) => {
  const text =
    'services:\n  a: null\n  b: { labels: 5, ports: {}, networks: x }\n  c: { labels: [1, null, {}], ports: [{ target: 80 }, "1-5:1-5", 99999999] }\n';
  assert.equal((await check(t, [text])).code, 0);
});
