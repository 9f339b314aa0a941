import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { pageAssets } from '../../src/admin/page/assets.ts';
import { adminOver } from './admin-world.ts';

const all = [pageAssets.main, ...pageAssets.preload, ...pageAssets.styles, ...Object.values(pageAssets.imports)].filter(
  (path) => !path.endsWith('/'),
);

test('one page stands at every address that a browser may have, and names only files of ours', async (t) => {
  const { ask } = await adminOver(t);
  for (const path of ['/', '/routes', '/certs', '/explain', '/explain?url=x']) {
    const { status, body, headers } = await ask(path, { headers: { accept: 'text/html' } });
    assert.equal(status, 200, path);
    assert.match(headers['content-type'] ?? '', /^text\/html/);
    assert.match(body, /<noscript>.*fairlead routes.*format=text/s);
    for (const [address] of body.matchAll(/(?<=(?:src|href)=")[^"]*/g))
      assert.match(address, /^(\/(?!\/)|data:)/, address);
  }
});

test('every file that the page names is there, as what it is, and again only where it has changed', async (t) => {
  const { ask } = await adminOver(t);
  for (const path of all) {
    const { status, headers, body } = await ask(path);
    assert.equal(status, 200, path);
    assert.match(headers['content-type'] ?? '', path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
    assert.ok(body.length > 0);
    const again = await ask(path, { headers: { 'if-none-match': headers.etag as string } });
    assert.deepEqual([again.status, again.body, again.headers.etag], [304, '', headers.etag], path);
    assert.equal((await ask(path, { headers: { 'if-none-match': '"other"' } })).status, 200);
  }
});

test('a script that one of them imports is one of them', async (t) => {
  const { ask } = await adminOver(t);
  const { imports } = pageAssets;
  for (const path of all.filter((name) => !name.endsWith('.css'))) {
    const { body } = await ask(path);
    for (const [, name = ''] of body.matchAll(/(?:from|import\()\s*["']([^"'\n]+)["']/g)) {
      const bare = name.startsWith('lit-html/') ? `${imports['lit-html/']}${name.slice(9)}` : imports[name as 'uplot'];
      const target = name.startsWith('.') ? new URL(name, `http://x${path}`).pathname : bare;
      assert.equal((await ask(target ?? '')).status, 200, `${path} imports ${name}`);
    }
  }
});

test('no path leads out of the list', async (t) => {
  const { ask } = await adminOver(t);
  for (const path of [
    '/assets/',
    '/assets/dashboard/',
    '/assets/dashboard/../admin/server.ts',
    '/assets/admin/server.ts',
    '/assets/%2e%2e/package.json',
    '/assets/dashboard/main.ts/../../../../package.json',
    '/assets/constructor',
  ])
    assert.equal((await ask(path)).status, 404, path);
});

test('files of the page need no token, and no other site gets them', async (t) => {
  const { ask } = await adminOver(t, {}, { adminToken: 'secret' });
  const path = pageAssets.styles[0];
  assert.equal((await ask(path)).status, 200);
  const { headers } = await ask(path);
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
  assert.equal((await ask(path, { headers: { origin: 'http://evil.example.com' } })).status, 403);
});

test('types are taken out of scripts without a word on the console', () => {
  const module = new URL('../../src/admin/page/assets.ts', import.meta.url).href;
  const program = `const { assetEndpoint, pageAssets } = await import('${module}');
console.log(assetEndpoint({ path: pageAssets.main, format: 'text' }).body)`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.match(stdout, /new App\(root\)/);
});
