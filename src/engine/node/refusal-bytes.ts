import { STATUS_CODES } from 'node:http';
import type { ResponseHead } from '../../http/head.ts';
import { frameResponse } from './response-framing.ts';

/** An answer that ends its connection, as it goes onto the wire: for where node has no response object to write through. */
export function refusalBytes(
  answer: { readonly head: ResponseHead; readonly body: Uint8Array },
  { bodyless }: { readonly bodyless: boolean },
): Buffer {
  const { head, body } = answer;
  const request = { method: bodyless ? 'HEAD' : 'GET', version: '1.1' } as const;
  const { fields } = frameResponse({ ...head, bodyLength: body.length }, request, { keepAlive: false });
  let text = `HTTP/1.1 ${head.status} ${head.reason || (STATUS_CODES[head.status] ?? '')}\r\n`;
  for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
  const headBytes = Buffer.from(`${text}\r\n`, 'latin1');
  return bodyless ? headBytes : Buffer.concat([headBytes, body]);
}
