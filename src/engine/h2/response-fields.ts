import { FieldSet } from '../../http/field-names.ts';
import type { ResponseHead } from '../../http/head.ts';
import { checkWritable } from '../../http/header-block.ts';
import type { HeaderList } from '../../http/header-list.ts';

/** What belongs to connections of HTTP/1.1 (RFC 9113 §8.2.2), with a TE that means nothing in a response. */
const connectionFields = new FieldSet([
  'transfer-encoding',
  'connection',
  'keep-alive',
  'proxy-connection',
  'upgrade',
  'te',
]);
const interimFields = new FieldSet([...connectionFields.names, 'content-length', 'trailer']);

/** node writes no higher one. */
export const statusMax = 599;

/** Answers that have no body whatever their framing says (RFC 9110 §6.4.1, §15.3.6). */
export function isBodyless(head: ResponseHead, method: string): boolean {
  const { status } = head;
  return method === 'HEAD' || status === 204 || status === 205 || status === 304;
}

/** `[':status', …, name, value, …]`; Content-Length says what `bodyLength` says, and nothing where the body has none. */
export function responseFields(head: ResponseHead, { bodyless }: { readonly bodyless: boolean }): string[] {
  const { headers, bodyLength, status } = head;
  headers.drop(connectionFields);
  if (bodyless || bodyLength !== null) headers.delete('trailer');
  if (!bodyless) {
    if (bodyLength === null) headers.delete('content-length');
    else if (headers.only('content-length') !== String(bodyLength)) headers.set('content-length', String(bodyLength));
    // For HEAD and 304 it is what GET would have had (RFC 9110 §8.6).
  } else if (status === 204 || status === 205 || headers.all('content-length').length > 1) {
    headers.delete('content-length');
  }
  return [':status', String(status), ...written(headers)];
}

/** Node takes neither flat arrays nor repeats of a name here, but lists of values. */
export type FieldObject = Record<string, string | string[]>;

export function interimFieldsOf({ status, headers }: ResponseHead): FieldObject {
  headers.drop(interimFields);
  return { ':status': String(status), ...fieldObject(headers) };
}

/** Where repeated, the values of a name stand together; their order among themselves is kept. */
export function fieldObject(headers: HeaderList): FieldObject {
  const flat = written(headers);
  const object: FieldObject = Object.create(null);
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    const value = flat[i + 1] as string;
    const known = object[name];
    if (known === undefined) object[name] = value;
    else object[name] = [...(typeof known === 'string' ? [known] : known), value];
  }
  return object;
}

/** A copy; throws where a value cannot be sent. Node writes names in lower case by itself. */
function written(headers: HeaderList): string[] {
  const flat = headers.flat();
  for (let i = 0; i < flat.length; i += 2) checkWritable(flat[i] as string, flat[i + 1] as string);
  return flat;
}
