import { explain } from '../routing/explain.ts';
import { errorAnswer, jsonAnswer, textAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import { readAsked } from './explain-request.ts';
import { explainText } from './explain-text.ts';
import { explainView } from './explain-view.ts';
import { shellAnswer } from './page/shell.ts';

/** `GET /explain?url=…&method=…&header=Name: value&ip=…`: how that request would be decided. */
export async function explainEndpoint({ query, format }: AdminRequest, context: AdminContext): Promise<AdminAnswer> {
  if (format === 'html') return shellAnswer(context);
  const asked = readAsked(query, context.settings);
  if (typeof asked === 'string') return errorAnswer(400, asked, format);
  const built = context.view.built();
  const explanation = explain(built.table, asked.question, asked.refusal);
  const view = await explainView({ asked, explanation, built }, context);
  switch (format) {
    case 'json':
      return jsonAnswer(view);
    case 'text':
      return textAnswer(explainText(view));
    default:
      return format satisfies never;
  }
}
