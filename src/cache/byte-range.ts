/** Bytes of a body, `to` excluded. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * What a Range asks of a body (RFC 9110 §14.2). `unsatisfiable` = 416. Null = answer the whole: another unit, several ranges,
 * or nothing that can be read.
 */
export function readByteRange(field: string, bodyBytes: number): ByteRange | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(field) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (first === '') {
    const suffix = Number(last);
    if (suffix === 0 || bodyBytes === 0) return 'unsatisfiable';
    return { from: Math.max(0, bodyBytes - suffix), to: bodyBytes };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return null;
  if (from >= bodyBytes) return 'unsatisfiable';
  return { from, to: last === '' ? bodyBytes : Math.min(Number(last) + 1, bodyBytes) };
}
