import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CheckResult, FoundProblem } from '../../src/cli/check-result.ts';
import { problemSentence } from '../../src/labels/problem-sentence.ts';
import { fairlead } from './terminal.ts';

const directory = join(import.meta.dirname, 'wrong');
const files = globSync('*.yaml', { cwd: directory }).sort();

/** `# says <line> <severity> <container> [<label>]: <words>` */
function expectationsOf(text: string) {
  return [...text.matchAll(/^# says (\d+) (\w+) (\S+?)(?: (\S+))?: (.*)$/gm)].map(
    ([, line, severity, container, label = '', words]) => ({ line: Number(line), severity, container, label, words }),
  );
}

function isMet(problem: FoundProblem, expected: ReturnType<typeof expectationsOf>[number]): boolean {
  return (
    problem.line === expected.line &&
    problem.severity === expected.severity &&
    problem.container === expected.container &&
    problem.label === expected.label &&
    problemSentence(problem).includes(expected.words as string)
  );
}

test('there are at least ten wrong files', () => assert.ok(files.length >= 10));

for (const file of files)
  test(`what is wrong in ${file} is found, each mistake at its line, and nothing else`, async () => {
    const path = join(directory, file);
    const expected = expectationsOf(readFileSync(path, 'utf8'));
    const { code, out } = await fairlead(['check', '--json', path]);
    const { problems } = JSON.parse(out) as CheckResult;
    const shown = JSON.stringify(problems, null, 1);
    assert.equal(code, 1);
    assert.ok(expected.length > 0);
    for (const one of expected)
      assert.ok(
        problems.some((problem) => isMet(problem, one)),
        `${JSON.stringify(one)} is not among ${shown}`,
      );
    const surplus = problems.filter((problem) => !expected.some((one) => isMet(problem, one)));
    assert.deepEqual(surplus, []);
    assert.ok(problems.every((problem) => problem.file === path));
  });
