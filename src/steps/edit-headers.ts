import type { HeaderList } from '../http/header-list.ts';
import { fillHeaderTemplate } from '../http/request-template.ts';
import type { HeaderEdit } from '../labels/header-edit.ts';
import type { Step, StepContext } from './step.ts';

/** `proxy.reqheader.*`: on the way to the backend. */
export function editRequestHeaders(edits: readonly HeaderEdit[]): Step {
  return {
    name: 'reqheader',
    request(context) {
      applyEdits(context.request.headers, edits, context);
    },
  };
}

/** `proxy.header.*`: on every response of the route, whatever its status and whoever wrote it. */
export function editResponseHeaders(edits: readonly HeaderEdit[]): Step {
  return {
    name: 'header',
    response(context, head) {
      applyEdits(head.headers, edits, context);
    },
  };
}

/** @param context of the request that the values are filled from. */
export function applyEdits(
  headers: HeaderList,
  edits: readonly HeaderEdit[],
  context: Pick<StepContext, 'client' | 'requestId'>,
): void {
  for (const { name, value, how } of edits) {
    if (how === 'delete') headers.delete(name);
    else if (how === 'append') headers.append(name, fillHeaderTemplate(value, context));
    else if (how === 'set' || !headers.has(name)) headers.set(name, fillHeaderTemplate(value, context));
  }
}
