import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { findPackageJSON, stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasTag } from '../../http/entity-tag.ts';
import { errorAnswer } from '../admin-answer.ts';
import type { AdminAnswer, AdminRequest } from '../admin-context.ts';
import { pageStyle } from './style.ts';

/** What stands between a browser and the page, and is the same for everybody: no secret is in it. */
export const assetsPath = '/assets/';

interface Asset {
  readonly type: string;
  readonly body: string;
  /** Entity tag (RFC 9110 §8.8.3). */
  readonly tag: string;
}

/** `src` in a checkout, `dist` once built. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** Pure modules of other rooms that the page shows things with, so that it says what the terminal says. They import nothing. */
const sharedModules = [
  'admin/issuer-words',
  'admin/lingering-text',
  'admin/tls-words',
  'base/ms-text',
  'http/failure',
  'http/failure-help',
  'http/secret-header',
  'labels/problem-sentence',
];
/** Of lit-html, what the page uses and what that needs. */
const litModules = ['lit-html', 'directive', 'directive-helpers', 'directives/guard', 'directives/repeat'];
/** Not needed to begin with: one draws charts, where there are some, and one has only types. */
const laterModules = new Set(['time-chart', 'page']);

const script = 'text/javascript; charset=utf-8';
const style = 'text/css; charset=utf-8';

/** By path, how to read each file that there is. No path of a request ever touches the disk. */
const sources: ReadonlyMap<string, { readonly type: string; read(): string }> = new Map([
  ...[...dashboardModules(), ...sharedModules].map(
    (name) => [moduleUrl(name), { type: script, read: () => browserScript(join(root, name + extension)) }] as const,
  ),
  ...litModules.map(
    (name) => [litUrl(name), { type: script, read: () => packaged('lit-html', `${name}.js`) }] as const,
  ),
  [`${assetsPath}uplot/uPlot.js`, { type: script, read: () => packaged('uplot', 'dist/uPlot.esm.js') }],
  [`${assetsPath}uplot/uPlot.css`, { type: style, read: () => packaged('uplot', 'dist/uPlot.min.css') }],
  [`${assetsPath}style.css`, { type: style, read: () => pageStyle }],
]);

/** Read when they are first asked for: a page that nobody looks at costs nothing. */
const assets = new Map<string, Asset>();

export const pageAssets = {
  main: moduleUrl('dashboard/main'),
  styles: [`${assetsPath}style.css`, `${assetsPath}uplot/uPlot.css`],
  /** Loaded side by side instead of one after another, as imports are found. */
  preload: [
    ...dashboardModules()
      .filter((name) => !laterModules.has(name.split('/')[1] ?? ''))
      .map(moduleUrl),
    ...sharedModules.map(moduleUrl),
    ...litModules.map(litUrl),
  ],
  /** What bare names mean in a browser. */
  imports: {
    'lit-html': litUrl('lit-html'),
    'lit-html/': `${assetsPath}lit-html/`,
    uplot: `${assetsPath}uplot/uPlot.js`,
  },
} as const;

/** `GET /assets/…`: one of a closed list of files. */
export function assetEndpoint({ path, format, ifNoneMatch }: AdminRequest): AdminAnswer {
  const asset = assetAt(path);
  if (asset === null) return errorAnswer(404, 'no such file of the page', format);
  // Asked again each time, and answered in a line where it is the same: a new version of the proxy is seen at once.
  const headers = { ETag: asset.tag, 'Cache-Control': 'no-cache' };
  if (ifNoneMatch !== undefined && hasTag(ifNoneMatch, asset.tag))
    return { status: 304, type: asset.type, body: '', headers };
  return { status: 200, type: asset.type, body: asset.body, headers };
}

function assetAt(path: string): Asset | null {
  const known = assets.get(path);
  if (known !== undefined) return known;
  const source = sources.get(path);
  if (source === undefined) return null;
  const body = source.read();
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const asset = { type: source.type, body, tag };
  assets.set(path, asset);
  return asset;
}

function moduleUrl(name: string): string {
  return `${assetsPath}${name}${extension}`;
}

function litUrl(name: string): string {
  return `${assetsPath}lit-html/${name}.js`;
}

function dashboardModules(): readonly string[] {
  return readdirSync(join(root, 'dashboard'))
    .filter((name) => name.endsWith(extension))
    .map((name) => `dashboard/${name.slice(0, -extension.length)}`);
}

function packaged(name: string, file: string): string {
  const manifest = findPackageJSON(name, import.meta.url);
  if (manifest === undefined) throw new Error(`the package ${name} is not installed`);
  return readFileSync(join(dirname(manifest), file), 'utf8');
}

/** A module as browsers take it: from a checkout its types are blanked out, as Node does for itself. */
function browserScript(file: string): string {
  const text = readFileSync(file, 'utf8');
  return file.endsWith('.ts') ? withoutWarnings(() => stripTypeScriptTypes(text)) : text;
}

/** It is the same that runs this file; only as a function it still warns that it is experimental. */
function withoutWarnings<T>(call: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return call();
  } finally {
    process.emitWarning = emitWarning;
  }
}
