import { inner, listAt, numberAt, shapeOf, textAt } from '../../base/shape.ts';
import type { AcmeProblem } from './failure.ts';
import { issuerText } from './issuer-text.ts';

/** As many names as an order can have. */
const subproblemsMax = 100;

/** Reads a problem document (RFC 8555 §6.7, RFC 9457) of whatever shape; null for what is none at all. */
export function problemDocument(data: unknown, status: number | null): AcmeProblem | null {
  const shape = shapeOf(data);
  const type = issuerText(textAt(shape, 'type'));
  const detail = issuerText(textAt(shape, 'detail') || textAt(shape, 'title'));
  if (type === '' && detail === '') return null;
  return {
    type,
    status: status ?? (numberAt(shape, 'status') || null),
    detail: detail || type,
    subproblems: listAt(shape, 'subproblems').slice(0, subproblemsMax).map(shapeOf).map(subproblem),
  };
}

function subproblem(shape: ReturnType<typeof shapeOf>) {
  return {
    name: issuerText(textAt(inner(shape, 'identifier'), 'value')),
    type: issuerText(textAt(shape, 'type')),
    detail: issuerText(textAt(shape, 'detail')),
  };
}
