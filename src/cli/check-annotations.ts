import { isAbsolute, relative } from 'node:path';
import { problemSentence } from '../labels/problem-sentence.ts';
import { type CheckResult, type FoundProblem, summaryText } from './check-result.ts';

const commands = { error: 'error', warning: 'warning', info: 'notice' } as const;

/**
 * What GitHub Actions shows beside the lines of a pull request, by its workflow commands `::error file=…,line=…::message`.
 *
 * @param root of the checkout: an absolute path is shown as seen from there.
 */
export function checkAnnotations(result: CheckResult, root: string): string {
  return `${[...result.problems.map((problem) => annotation(problem, root)), summaryText(result)].join('\n')}\n`;
}

function annotation(problem: FoundProblem, root: string): string {
  const { container, label, severity, file, line } = problem;
  const title = [container, label].filter((part) => part !== '').join(': ') || 'fairlead check';
  const properties = [
    ...(file === undefined ? [] : [`file=${property(isAbsolute(file) ? relative(root, file) : file)}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
    `title=${property(title)}`,
  ];
  return `::${commands[severity]} ${properties.join(',')}::${data(problemSentence(problem))}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
