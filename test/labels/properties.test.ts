import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDefaults } from '../../src/labels/defaults.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import type { LabelReading } from '../../src/labels/spec.ts';
import { groupOf, optionKeys, rowOf } from '../../src/labels/table.ts';
import { fc } from '../support/properties.ts';
import { container } from './case-text.ts';

const word = fc.oneof(
  fc.constantFrom(...optionKeys, 'lmit', 'hots', 'auth.user', 'header.X-A', 'reqheader.Host', 'admin', ''),
  fc.string({ maxLength: 6 }),
);
const key = fc.oneof(
  word.map((option) => `proxy.${option}`),
  fc.tuple(fc.constantFrom('api', 'web', 'cache', 'A_b'), word).map(([route, option]) => `Proxy.${route}.${option}`),
  fc.string({ maxLength: 12 }),
);
const value = fc.oneof(
  fc.constantFrom(...optionKeys.map((option) => rowOf(option).example)),
  fc.constantFrom(
    'off',
    'true',
    '',
    'a.example.com,~(a+)+,[::1]',
    '/a,=b,*.{x',
    '10/s burst=x brust="',
    'basic users=a:b',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);
const labels = fc.dictionary(key, value, { maxKeys: 12 });

/** Labels of a container that is served, of which every value reads. */
const goodLabels = fc
  .uniqueArray(
    fc.constantFrom(
      ...optionKeys.filter((option) => !['enable', 'host', 'use', 'header', 'reqheader'].includes(option)),
    ),
    { maxLength: 8 },
  )
  .map((options) =>
    Object.fromEntries([
      ['proxy.host', 'a.example.com'],
      ...options.map((option) => [`proxy.${option}`, rowOf(option).example]),
    ]),
  );

function read(of: Record<string, string>): LabelReading {
  return readLabels(container(of));
}

test('whatever the labels are, reading does not throw, and its bounds hold', () => {
  fc.assert(
    fc.property(labels, (of) => {
      const { specs, problems } = read(of);
      assert.ok(problems.length <= 101);
      for (const problem of problems) assert.ok(problem.value.length <= 2_000 && problem.expected !== '');
      for (const spec of specs) {
        assert.ok(spec.hosts.length > 0 && spec.paths.length > 0);
        for (const problem of spec.closedBy)
          assert.ok(
            problems.length === 101 || problems.some((shown) => JSON.stringify(shown) === JSON.stringify(problem)),
          );
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the same labels read the same, in whatever order they are written', () => {
  fc.assert(
    fc.property(labels, fc.infiniteStream(fc.nat()), (of, order) => {
      const shuffled = Object.entries(of).map((entry) => ({ entry, at: order.next().value as number }));
      const again = Object.fromEntries(shuffled.sort((a, b) => a.at - b.at).map(({ entry }) => entry));
      assert.deepEqual(read(again), read(of));
    }),
  );
});

test('a bad label leaves every other option of its container as it was', () => {
  const bad = fc.constantFrom(
    ['proxy.zebra', '1'],
    ['proxy.lmit', '10/s'],
    ['proxy.b.', 'x'],
    ['proxy.cache.host', 'b.example.com'],
    ['proxy.Bad_Name.path', '/x'],
    ['proxy.header.Connection', 'close'],
    ['proxy.timeout.conect', '5s'],
    ['proxy', 'x'],
  );
  fc.assert(
    fc.property(goodLabels, bad, (of, [badKey = '', badValue = '']) => {
      const before = read(of);
      const after = read({ ...of, [badKey]: badValue });
      assert.deepEqual(
        after.specs.map((spec) => spec.options),
        before.specs.map((spec) => spec.options),
      );
      assert.ok(after.problems.some((problem) => problem.label === badKey));
    }),
  );
});

test('an unreadable value leaves every other option of its container as it was', () => {
  const broken = fc.constantFrom(
    ...optionKeys.filter((option) => rowOf(option).matcher !== true && option !== 'host' && option !== 'enable'),
  );
  fc.assert(
    fc.property(goodLabels, broken, (of, option) => {
      const label = option === 'header' || option === 'reqheader' ? `proxy.${option}.X-A` : `proxy.${option}`;
      const { [label]: _, ...without } = of;
      const before = read(without).specs[0];
      const after = read({ ...without, [label]: '\u0000' }).specs[0];
      assert.deepEqual(after?.options, before?.options);
      const protects = rowOf(option).protective === true || rowOf(groupOf(option)).protective === true;
      if (protects) assert.ok((after?.closedBy.length ?? 0) > 0, option);
    }),
  );
});

test('no problem and no source repeats a secret', () => {
  const secret = 'hunter2-swordfish';
  const place = fc.constantFrom(
    'proxy.auth',
    'proxy.auth.users',
    'proxy.auth.user',
    'proxy.auth.password',
    'proxy.aut',
    'proxy.basicauth.users',
    'proxy.tls.client',
    'proxy.password',
    'proxy.reqheader.Authorization',
    'proxy.reqheader.X-Api-Key',
    'proxy.headers.Authorization',
    'proxy.all.auth.users',
    'proxy.cache.auth',
  );
  const around = fc.constantFrom(
    '',
    'admin:',
    'basic users=',
    'basic ',
    'basic user="',
    '"',
    '@',
    'forward:',
    '\r\n',
    `${'x'.repeat(300)} `,
  );
  fc.assert(
    fc.property(place, around, fc.boolean(), (label, before, named) => {
      const written = named ? label.replace('proxy.', 'proxy.api.') : label;
      const { specs, problems } = read({
        'proxy.host': 'a.example.com',
        'proxy.api.path': '/api',
        [written]: `${before}${secret}`,
      });
      const shown = JSON.stringify([problems, specs.map((spec) => [spec.sources, spec.closedBy])]);
      assert.ok(!shown.includes(secret), shown);
    }),
    { numRuns: 500 },
  );
});

test('no problem of the settings repeats a secret', () => {
  const settings = fc.constantFrom(
    { FAIRLEAD_DEFAULT_AUTH: 'hunter2' },
    { FAIRLEAD_DEFAULT_AUTH_USERS: 'admin:hunter2' },
    { FAIRLEAD_DEFAULT_AUTH_PASWORD: 'hunter2' },
    { FAIRLEAD_PROFILE_A: 'auth=basic users=admin:hunter2' },
    { FAIRLEAD_PROFILE_A: 'auth=basic pass=hunter2 word' },
    { FAIRLEAD_PROFILE_A: 'auth=basic "hunter2' },
    { FAIRLEAD_PROFILE_A: 'reqheader.Authorization=hunter2é' },
  );
  fc.assert(fc.property(settings, (env) => !JSON.stringify(readDefaults(env).problems).includes('hunter2')));
});

test('whatever the settings are, reading them does not throw', () => {
  const name = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom('LIMIT', 'HEADER_X_A', 'TIMEOUT_CONNECT', 'HEADER_', 'USE'),
  );
  const setting = fc
    .tuple(fc.constantFrom('FAIRLEAD_DEFAULT_', 'FAIRLEAD_PROFILE_'), name)
    .map((parts) => parts.join(''));
  const text = fc.oneof(
    value,
    fc.array(fc.tuple(word, value).map((pair) => pair.join('='))).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(fc.dictionary(setting, text, { maxKeys: 6 }), labels, (env, of) => {
      const { defaults } = readDefaults(env);
      assert.deepEqual(readLabels(container(of), defaults), readLabels(container(of), readDefaults(env).defaults));
    }),
    { numRuns: 500 },
  );
});
