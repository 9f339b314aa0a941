import { errorAnswer, textAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import { certsJson } from './certs-json.ts';
import { certsText } from './certs-text.ts';
import { shellAnswer } from './page/shell.ts';

/** `GET /certs`: how each certificate stands, and what to do where there is something to do. */
export function certsEndpoint({ format }: AdminRequest, context: AdminContext): AdminAnswer {
  const certificates = context.view.certificates();
  switch (format) {
    case 'json':
      return { status: 200, type: 'application/json; charset=utf-8', body: certsJson(certificates) };
    case 'text':
      return textAnswer(certsText(certificates));
    case 'html':
      return shellAnswer(context);
    default:
      return format satisfies never;
  }
}

/** `GET /certs/root.pem`: the root of the internal CA, for those who want to trust it. */
export function rootEndpoint({ format }: AdminRequest, { view }: AdminContext): AdminAnswer {
  const pem = view.internalRoot();
  if (pem === null)
    return errorAnswer(404, 'there is no internal CA yet: it is made for the first host that needs it', format);
  const headers = { 'Content-Disposition': 'attachment; filename="fairlead-root.pem"' };
  return { status: 200, type: 'application/x-pem-file', body: pem, headers };
}
