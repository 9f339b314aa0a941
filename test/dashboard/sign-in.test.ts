import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelledContainer } from '../admin/admin-world.ts';
import { Window } from './browser.ts';
import { pageWorld } from './page-world.ts';

const adminToken = 'a-token-of-many-letters';
const containers = [labelledContainer({ 'proxy.host': 'app.example.com' }, { name: 'app-1' })];

for (const javaScriptEnabled of [true, false])
  test(`a token is asked for, and a wrong one is said to be, ${javaScriptEnabled ? 'with' : 'without'} script`, async (t) => {
    const { origin } = await pageWorld(t, { containers }, { adminToken });
    const window = await Window.open(t, origin, { javaScriptEnabled });
    const { page } = window;
    await window.go('/?route=app.example.com%2F');
    await page.getByLabel('Token').fill('guess');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await window.see('That is not the token.', page.getByRole('alert'));
    await page.getByLabel('Token').fill(adminToken);
    await page.getByLabel('Token').press('Enter');
    await page.waitForURL(`${origin}/?route=app.example.com%2F`);
    const shown = javaScriptEnabled ? page.getByText('app-1') : page.getByRole('link', { name: 'the routes as text' });
    await shown.first().waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Token').waitFor();
    await window.go('/certs');
    await page.getByLabel('Token').waitFor();
  });

test('a session that has ended leads back to the page to sign in on', async (t) => {
  const world = await pageWorld(t, { containers }, { adminToken });
  const window = await Window.open(t, world.origin);
  await window.go(`/?token=${adminToken}`);
  assert.equal(window.page.url(), `${world.origin}/`);
  await window.see('app-1');
  await window.page.context().clearCookies();
  await world.stop();
  await world.restart();
  await window.page.getByLabel('Token').waitFor();
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds nothing serious on the page to sign in on, ${colorScheme}`, async (t) => {
    const { origin } = await pageWorld(t, {}, { adminToken });
    const window = await Window.open(t, origin, { colorScheme, viewport: { width: 360, height: 700 } });
    await window.go('/?token=wrong');
    await window.see('the token of this link is not the right one');
    assert.deepEqual(await window.findings(), []);
    assert.equal(await window.overflow(), 0);
  });
