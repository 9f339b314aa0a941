import { readLabelKey } from '../labels/label-key.ts';
import type { Problem } from '../labels/problem.ts';
import { isSecretKey, problemOf } from '../labels/problem-text.ts';
import type { Fault } from '../labels/value-reading.ts';
import type { ComposeProject } from './compose-file.ts';
import type { VariableFault } from './compose-interpolation.ts';
import type { ComposeService } from './compose-service.ts';

/** Dollar signs that compose takes for itself: in our labels they are problems of the label, elsewhere mostly a notice. */
export function variableProblems({ services, variableFaults }: ComposeProject): Problem[] {
  return [...services.flatMap(labelProblems), ...variableFaults.map(elsewhere)];
}

function labelProblems({ name, labelFaults }: ComposeService): Problem[] {
  return [...labelFaults].flatMap(([label, faults]) => {
    // What follows a `$` may be the rest of a hash.
    const secret = isSecretKey(label, readLabelKey(label, new Set()));
    return (['invalid', 'required', 'unset'] as const).flatMap((how) => {
      const names = faults.filter((fault) => fault.how === how).map((fault) => fault.name);
      return names.length === 0 ? [] : [problemOf(culprit(name, label), faultOf(how, secret ? [] : names))];
    });
  });
}

const twice = 'write each `$` that compose is to leave alone twice: `$$`';

/** @param names '' where they must not be shown. */
function faultOf(how: VariableFault['how'], names: readonly string[]): Fault {
  if (how === 'invalid')
    return { expected: 'a variable in the braces after `$`: compose refuses the file', suggestion: twice };
  const variables = names.length === 0 ? 'each variable in it' : `${[...new Set(names)].join(', ')}`;
  if (how === 'required') return { expected: `a value for ${variables}: without one compose refuses the file` };
  return {
    expected: `a value for ${variables}: compose reads \`$\` and a name as a variable, and puts nothing in the place of one that is not set`,
    suggestion: `set it in the environment or in .env; if it is no variable, ${twice}`,
    severity: 'warning',
  };
}

function elsewhere({ name, how }: VariableFault): Problem {
  if (how !== 'unset') return problemOf(culprit('', how === 'invalid' ? name : `\${${name}}`), faultOf(how, [name]));
  const expected = 'a value for this variable; compose puts nothing in its place';
  return problemOf(culprit('', `\${${name}}`), { expected }, 'info');
}

function culprit(container: string, label: string) {
  return { container, label, text: '', secret: false };
}
