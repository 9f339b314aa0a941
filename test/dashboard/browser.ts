import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, type TestContext } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { findProgram } from '../../scripts/command.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** What is expected comes within a second or two; this is for a machine with much to do. */
const waitMs = 20_000;
/** A browser gives up what it is loading when a network of the machine comes or goes, as each container's does. */
const networkChange = /ERR_NETWORK_CHANGED/;

/** The browser's own words about an answer that is no success, and about a header that counts over HTTPS only. */
const noFault = /Failed to load resource|Cross-Origin-Opener-Policy header has been ignored/;

let browser: Promise<Browser> | null = null;
after(async () => (await browser)?.close());

/** Debian's Chromium, one for all tests of a file. */
function launched(): Promise<Browser> {
  const program = findProgram('chromium');
  if (program === undefined) throw new Error('Chromium is missing: `apt-get install chromium`');
  browser ??= chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  return browser;
}

/** A window of its own, which is watched: what it may not do, and what it asks of others, fails the test. */
export class Window {
  readonly page: Page;
  readonly #origin: string;

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
  }

  static async open(t: TestContext, origin: string, options: BrowserContextOptions = {}): Promise<Window> {
    const context = await (await launched()).newContext({ viewport: { width: 1280, height: 800 }, ...options });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(waitMs);
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
    page.on('console', (message) => {
      const said = message.text();
      if (message.type() === 'error' && !noFault.test(said)) wrong.push(`console: ${said}`);
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) wrong.push(`asked ${url}`);
    });
    t.after(() => assert.deepEqual(wrong, []));
    return new Window(page, origin);
  }

  /** Follows an address of the admin API. */
  async go(path: string): Promise<void> {
    await this.#load(() => this.page.goto(`${this.#origin}${path}`, { waitUntil: 'domcontentloaded' }));
  }

  async reload(): Promise<void> {
    await this.#load(() => this.page.reload({ waitUntil: 'domcontentloaded' }));
  }

  async #load(begin: () => Promise<unknown>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await begin();
        return;
      } catch (error) {
        if (tries === 5 || !networkChange.test(String(error))) throw error;
      }
    }
  }

  /** Waits for a text, anywhere in what is to be seen, or in a part of it. */
  async see(text: string | RegExp, within: Locator = this.page.locator('body')): Promise<void> {
    await within.filter({ hasText: text }).first().waitFor();
  }

  /** Waits until a text is gone. */
  async miss(text: string | RegExp, within: Locator = this.page.locator('body')): Promise<void> {
    await within.filter({ hasText: text }).first().waitFor({ state: 'detached' });
  }

  row(text: string | RegExp): Locator {
    return this.page.locator('tbody tr').filter({ hasText: text });
  }

  /** Serious and critical findings of axe-core, each with the element. */
  async findings(): Promise<readonly string[]> {
    await this.page.evaluate(axe);
    const found = await this.page.evaluate(`axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 120) + ' ' + failureSummary)))`);
    return found as string[];
  }

  /** By how many CSS pixels the page is wider than the window. */
  async overflow(): Promise<number> {
    return (await this.page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )) as number;
  }
}
