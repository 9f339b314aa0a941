import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTracingFiles } from '../../src/cli/tracing-files.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { testRoot } from '../tls/test-authority.ts';
import { settingsOf } from './terminal.ts';

type Environment = Readonly<Record<string, string>>;

function read(env: Environment) {
  const { settings, problems, warnings } = settingsOf([], env);
  const { tracing, problems: found } = readTracingFiles(settings, env);
  return { settings, tracing, problems: [...problems, ...warnings, ...found] };
}

const at = (env: Environment) => {
  const { tracing, problems } = read({ FAIRLEAD_OTLP: 'http://collector:4318', ...env });
  assert.deepEqual(problems, []);
  return tracing;
};
const problem = (env: Environment): string => {
  const { problems } = read({ FAIRLEAD_OTLP: 'http://collector:4318', ...env });
  assert.equal(problems.length, 1);
  assert.match(problems[0]?.value ?? '', /^…?$/);
  return `${problems[0]?.label}: ${problems[0]?.expected}`;
};

test('without a collector nothing is traced', () => {
  assert.equal(read({}).tracing, null);
  assert.equal(read({ FAIRLEAD_OTLP: 'off' }).tracing, null);
});

test('a collector without a path gets the usual one', () => {
  const url = (text: string) => at({ FAIRLEAD_OTLP: text })?.url;
  assert.equal(url('http://collector:4318'), 'http://collector:4318/v1/traces');
  assert.equal(url('https://collector:4318/'), 'https://collector:4318/v1/traces');
  assert.equal(url('https://c.example.com/otlp/v1/traces'), 'https://c.example.com/otlp/v1/traces');
  assert.equal(url('http://[::1]:4318'), 'http://[::1]:4318/v1/traces');
});

test('what is no collector is told without being shown', () => {
  for (const text of ['collector:4318', 'grpc://collector:4317', 'http://', 'x'])
    assert.match(problem({ FAIRLEAD_OTLP: text }), /^FAIRLEAD_OTLP: an address such as http:\/\/collector:4318/);
  assert.match(
    problem({ FAIRLEAD_OTLP: 'http://ann:hunter2@collector' }),
    /password, which goes into FAIRLEAD_OTLP_HEADERS/,
  );
});

test('headers are a list, as OpenTelemetry writes it, here or in a file or a variable', (t) => {
  const headers = (text: string, more: Environment = {}) => at({ FAIRLEAD_OTLP_HEADERS: text, ...more })?.headers;
  const wanted = { authorization: 'Bearer a b,c=', 'x-tenant': '1' };
  const text = 'Authorization=Bearer%20a b%2Cc=, x-tenant=1';
  assert.deepEqual(headers(text), wanted);
  const file = join(temporaryDirectory(t), 'headers');
  writeFileSync(file, `${text}\n`);
  assert.deepEqual(headers(`@${file}`), wanted);
  assert.deepEqual(headers('env:OUR_HEADERS', { OUR_HEADERS: text }), wanted);
  assert.deepEqual(headers('x=50%'), { x: '50%' });
});

test('headers that cannot be sent are a problem that shows none of them', (t) => {
  for (const text of ['hunter2', 'a b=hunter2', '=hunter2', 'x=hunter2\u00e9', 'x=', 'x=a%0Ahunter2', 'x=1,,y=2'])
    assert.match(problem({ FAIRLEAD_OTLP_HEADERS: text }), /^FAIRLEAD_OTLP_HEADERS: headers such as authorization=/);
  assert.match(problem({ FAIRLEAD_OTLP_HEADERS: 'Content-Length=hunter2' }), /not content-length/);
  const file = join(temporaryDirectory(t), 'headers');
  writeFileSync(file, 'hunter2');
  assert.doesNotMatch(problem({ FAIRLEAD_OTLP_HEADERS: `@${file}` }), /hunter2/);
  assert.match(problem({ FAIRLEAD_OTLP_HEADERS: `@${file}.none` }), /cannot be read \(ENOENT\)/);
  assert.match(problem({ FAIRLEAD_OTLP_HEADERS: 'env:NOBODY_SET_IT' }), /NOBODY_SET_IT is not set/);
});

test('the authority is read when the proxy starts', async (t) => {
  const file = join(temporaryDirectory(t), 'ca.pem');
  assert.match(problem({ FAIRLEAD_OTLP_CA_FILE: file }), /^FAIRLEAD_OTLP_CA_FILE: a file of certificates as PEM/);
  const { pem } = await testRoot();
  writeFileSync(file, pem);
  assert.equal(at({ FAIRLEAD_OTLP_CA_FILE: file })?.caPem, pem);
});

test('a share and a name are what they say', () => {
  const { settings } = read({ FAIRLEAD_OTLP_SAMPLE: '.25', FAIRLEAD_OTLP_SERVICE: 'edge one' });
  assert.deepEqual([settings.otlpSample, settings.otlpService], [0.25, 'edge one']);
  for (const text of ['1.1', '-1', '10%', 'all', '1e-1'])
    assert.match(settingsOf([], { FAIRLEAD_OTLP_SAMPLE: text }).problems[0]?.expected ?? '', /^a share from 0 to 1/);
});

test('what is said of a collector that is not there is a warning', () => {
  for (const env of [{ FAIRLEAD_OTLP_HEADERS: 'a=b' }, { FAIRLEAD_OTLP_CA_FILE: '/none' }] as Environment[]) {
    const { problems } = read(env);
    assert.deepEqual(
      problems.map(({ severity, expected }) => [severity, expected]),
      [['warning', 'FAIRLEAD_OTLP beside it: without a collector nothing is traced']],
    );
  }
});

test('other names for the same are suggested', () => {
  for (const name of ['FAIRLEAD_OTEL_ENDPOINT', 'FAIRLEAD_OTLP_ENDPOINT', 'FAIRLEAD_TRACING', 'FAIRLEAD_OTPL'])
    assert.equal(settingsOf([], { [name]: 'x' }).problems[0]?.suggestion, 'did you mean `FAIRLEAD_OTLP`?');
});
