import assert from 'node:assert/strict';

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly series: readonly Series[];
}

/**
 * Reads the text format 0.0.4 of Prometheus, and fails on whatever is not in it: a family without its two lines or in two places,
 * a series twice, a label that is not escaped, a histogram whose buckets do not add up.
 */
export function readMetrics(text: string): ReadonlyMap<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line has its line feed');
  const families = new Map<string, { type: string; help: string; series: Series[] }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-z_]+) (\S.*)$/.exec(line);
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line);
    if (help !== null) {
      current = help[1] as string;
      assert.ok(!families.has(current), `${current} stands in one place`);
      families.set(current, { type: '', help: help[2] as string, series: [] });
    } else if (type !== null) {
      const family = families.get(current);
      assert.ok(family !== undefined && type[1] === current && family.type === '', `TYPE comes after HELP: ${line}`);
      family.type = type[2] as string;
    } else {
      assert.ok(!line.startsWith('#') && line !== '', `a sample: ${line}`);
      const series = readSample(line);
      const family = families.get(current);
      assert.ok(family !== undefined && family.type !== '', line);
      const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      assert.ok(
        suffixes.some((suffix) => series.name === current + suffix),
        `${line} belongs to ${current}`,
      );
      const key = JSON.stringify([series.name, Object.entries(series.labels).sort()]);
      assert.ok(!seen.has(key), `${line} stands there once`);
      seen.add(key);
      family.series.push(series);
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

/** The value of the one series with these labels, and maybe others. */
export function metricValue(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Record<string, string> = {},
): number {
  const series = [...families.values()].flatMap((family) => family.series);
  const found = series.filter(
    (one) => one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text),
  );
  assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)} is one series`);
  return found[0]?.value as number;
}

function readSample(line: string): Series {
  const [, name = '', inner, number = ''] = /^([a-z_]+)(?:\{(.+)\})? (\S+)$/.exec(line) ?? assert.fail(line);
  const labels: Record<string, string> = {};
  let rest = inner ?? '';
  while (rest !== '') {
    const [whole, label = '', text = ''] =
      /^([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=.)|$)/.exec(rest) ?? assert.fail(line);
    assert.ok(!(label in labels), line);
    labels[label] = text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(whole.length);
  }
  assert.match(number, /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/, line);
  return { name, labels, value: number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number) };
}

function checkFamily(name: string, { type, series }: Family): void {
  assert.match(name, /^fairlead_/);
  assert.equal(type === 'counter', name.endsWith('_total'), `${name} is a ${type}`);
  for (const { value } of series) assert.ok(value >= 0, `${name} is not negative`);
  if (type !== 'histogram') return;
  const groups = Map.groupBy(series, ({ labels: { le, ...labels } }) => JSON.stringify(labels));
  for (const [labels, group] of groups) {
    const buckets = group.filter((one) => one.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le } }) => (le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)));
    assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY);
    for (const [i, bound] of bounds.entries()) {
      if (i === 0) continue;
      assert.ok(bound > (bounds[i - 1] as number), `bounds of ${name} ${labels} rise`);
      assert.ok((buckets[i]?.value as number) >= (buckets[i - 1]?.value as number), `${name} ${labels} adds up`);
    }
    const count = group.find((one) => one.name === `${name}_count`)?.value;
    assert.equal(count, buckets.at(-1)?.value);
    assert.equal(group.length, buckets.length + 2);
  }
}
