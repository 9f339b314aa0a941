import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { adminOver } from '../admin/admin-world.ts';
import { type Family, readMetrics } from '../support/prometheus.ts';

const docs = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(docs, 'monitoring.md'), 'utf8');

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

const alerts = (
  parse(readFileSync(join(docs, 'monitoring/alerts.yml'), 'utf8')) as { groups: readonly { rules: readonly Alert[] }[] }
).groups.flatMap(({ rules }) => rules);
const dashboard = JSON.parse(readFileSync(join(docs, 'monitoring/grafana-dashboard.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
};
const expressions = [
  ...alerts.map(({ expr }) => expr),
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.flatMap(({ definition }) => definition ?? []),
];

async function familiesOf(t: TestContext): Promise<ReadonlyMap<string, Family>> {
  const { ask } = await adminOver(t, {});
  return readMetrics((await ask('/metrics')).body);
}

const metricsIn = (text: string): readonly string[] => text.match(/\bfairlead_[a-z_]+/g) ?? [];
const familyName = (families: ReadonlyMap<string, Family>, name: string): string => {
  const base = name.replace(/_(?:bucket|sum|count)$/, '');
  return families.get(base)?.type === 'histogram' ? base : name;
};

test('each metric that dashboard, alerts and page name is there', async (t) => {
  const families = await familiesOf(t);
  assert.ok(expressions.length > 40);
  for (const text of [...expressions, page])
    for (const name of metricsIn(text))
      assert.ok(families.has(familyName(families, name)), `${name} in ${text.slice(0, 200)}`);
});

test('each metric that there is, is on the page', async (t) => {
  const named = new Set(metricsIn(page));
  for (const name of (await familiesOf(t)).keys()) assert.ok(named.has(name), name);
});

test('only what grows is asked for its growth', async (t) => {
  const families = await familiesOf(t);
  for (const expression of expressions)
    for (const [, name = ''] of expression.matchAll(/(?:rate|increase)\((fairlead_[a-z_]+)/g))
      assert.notEqual(families.get(familyName(families, name))?.type, 'gauge', expression);
});

test('the labels that an expression picks by are those of the page', () => {
  const words = new Map<string, Set<string>>();
  for (const row of page.split('\n').filter((line) => line.startsWith('| `fairlead_'))) {
    const [, names = '', labels = ''] = row.split('|');
    for (const name of metricsIn(names)) words.set(name, new Set(labels.match(/[a-z]+/g) ?? []));
  }
  for (const expression of expressions) {
    for (const [, name = '', inner = ''] of expression.matchAll(/(fairlead_[a-z_]+)\{([^}]*)\}/g)) {
      const labels = words.get(name) ?? words.get(name.replace(/_bucket$/, '')) ?? assert.fail(`${name} has no row`);
      for (const [, label = ''] of inner.matchAll(/(\w+)(?:=|!=|=~|!~)"/g))
        assert.ok(label === 'job' || labels.has(label), `${label} of ${name}`);
    }
  }
});

test('each alert says what is wrong and how bad it is, and the page what to do', () => {
  for (const { alert, labels, annotations } of alerts) {
    assert.match(labels.severity, /^(?:critical|warning)$/);
    assert.ok(annotations.summary.length > 10 && annotations.description.length > 10, alert);
    assert.ok(page.includes(`\`${alert}\``), `${alert} is on the page`);
  }
  assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length);
});

test('the panels of the dashboard have a place of their own', () => {
  const { panels } = dashboard;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Map<string, string>();
  for (const { title, gridPos, targets = [] } of panels) {
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.equal(taken.get(`${x} ${y}`), undefined, `${title} lies on another`);
        taken.set(`${x} ${y}`, title);
      }
    }
  }
});
