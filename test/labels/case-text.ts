import type { Container } from '../../src/docker/container.ts';
import { readDefaults } from '../../src/labels/defaults.ts';
import { predicateText } from '../../src/labels/predicate.ts';
import type { Problem } from '../../src/labels/problem.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import type { RouteSpec } from '../../src/labels/spec.ts';

export interface Case {
  readonly title: string;
  readonly given: string;
  readonly expected: string;
}

/** A file of cases: `# title`, then `key=value` lines, a line of dashes, what is read; a line of `=` between two cases. */
export function readCases(text: string): Case[] {
  return text.split(/^={4,}\n/m).map((part) => {
    const [above = '', expected = ''] = part.split(/^-{4,}\n/m);
    const [title = '', ...given] = above.trim().split('\n');
    return { title: title.replace(/^#\s*/, ''), given: given.join('\n'), expected: expected.trim() };
  });
}

export function container(labels: Record<string, string>, about: Partial<Container> = {}): Container {
  return {
    id: 'c'.repeat(64),
    name: 'web-1',
    image: 'web',
    endpoint: 'unix:///var/run/docker.sock',
    project: '',
    service: '',
    oneOff: false,
    labels,
    createdMs: 0,
    changedMs: 0,
    state: 'running',
    health: 'none',
    stopping: false,
    exitCode: 0,
    outOfMemory: false,
    exposedPorts: [80],
    publishedPorts: [],
    networkMode: 'bridge',
    attachments: [],
    stopSignal: 15,
    stopGraceMs: 10_000,
    ...about,
  };
}

/** Reads the upper half: labels, `FAIRLEAD_…` settings, the word `one-off`; a value may be a JSON string. */
export function answerTo(given: string): string {
  const labels: Record<string, string> = {};
  const env: Record<string, string> = {};
  let oneOff = false;
  for (const line of given.split('\n').filter((text) => text !== '')) {
    const [, key = '', raw = ''] = /^([^=]*)=(.*)$/s.exec(line) ?? [];
    const value = raw.startsWith('json:') ? (JSON.parse(raw.slice(5)) as string) : raw;
    if (line === 'one-off') oneOff = true;
    else if (key.startsWith('FAIRLEAD_')) env[key] = value;
    else labels[key] = value;
  }
  const { defaults, problems: ofSettings } = readDefaults(env);
  const { specs, problems } = readLabels(container(labels, { oneOff }), defaults);
  const lines = [
    ...ofSettings.map((problem) => `setting ${problemText(problem)}`),
    ...specs.map(specText),
    ...problems.map(problemText),
  ];
  return lines.length === 0 ? 'nothing' : lines.join('\n');
}

function specText(spec: RouteSpec): string {
  const hosts = spec.hosts.map((host) => host.text).join(',');
  const paths = spec.paths
    .map((path) => (path.kind === 'regex' && !path.text.startsWith('~') ? `${path.text} (${path.source})` : path.text))
    .join(',');
  const match = spec.match.length === 0 ? '' : ` [${spec.match.map(predicateText).join(' ')}]`;
  const lines = [`route ${spec.name || '(base)'}: ${hosts} ${paths}${match}`];
  for (const [key, { source, text }] of Object.entries(spec.sources).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key === 'host' || key === 'path' || key === 'match') continue;
    const value = text === '…' ? text : JSON.stringify(spec.options[key as keyof typeof spec.options]);
    lines.push(`  ${key} = ${value}${source === 'label' ? '' : ` (${source})`}`);
  }
  for (const problem of spec.closedBy) lines.push(`  closed by ${problem.label || problem.expected}`);
  return lines.join('\n');
}

function problemText(problem: Problem): string {
  const label = problem.label === '' ? '' : ` ${problem.label}=${problem.value}`;
  return `${problem.severity}${label}: ${problem.expected}${problem.suggestion === '' ? '' : `; ${problem.suggestion}`}`;
}
