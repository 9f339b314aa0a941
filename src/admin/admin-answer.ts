import type { AdminAnswer, Format } from './admin-context.ts';

export function jsonAnswer(value: unknown, status = 200): AdminAnswer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value, null, 2)}\n` };
}

export function textAnswer(text: string, status = 200): AdminAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: text.endsWith('\n') ? text : `${text}\n` };
}

/** A refusal or a mistake, in one sentence. */
export function errorAnswer(
  status: number,
  message: string,
  format: Format,
  more: Readonly<Record<string, unknown>> = {},
): AdminAnswer {
  if (format === 'json') return jsonAnswer({ error: message, ...more }, status);
  const lists = Object.values(more).flatMap((value) => (Array.isArray(value) ? value.map((item) => `  ${item}`) : []));
  return textAnswer([message, ...lists].join('\n'), status);
}
