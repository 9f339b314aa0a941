import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  assert.ok((await check(t, [text])).labels.includes(`\${NAME}`));
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
