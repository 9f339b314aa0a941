import type { HeaderList } from '../http/header-list.ts';
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

function applyEdits(headers: HeaderList, edits: readonly HeaderEdit[], context: StepContext): void {
  for (const { name, value, how } of edits) {
    if (how === 'delete') headers.delete(name);
    else if (how === 'append') headers.append(name, fill(value, context));
    else if (how === 'set' || !headers.has(name)) headers.set(name, fill(value, context));
  }
}

const placeholder = /\{(client_ip|host|scheme|request_id)\}/g;

/** Values of placeholders were checked when the request was read: none can hold CR or LF. */
function fill(template: string, { client, requestId }: StepContext): string {
  if (!template.includes('{')) return template;
  return template.replace(placeholder, (_, name: string) => {
    switch (name) {
      case 'client_ip':
        return client.address;
      case 'host':
        return client.host;
      case 'scheme':
        return client.scheme;
      default:
        return requestId;
    }
  });
}
