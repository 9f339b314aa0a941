/**
 * Reading of JSON whose shape is only promised: every reader gives a value of its type, whatever it finds.
 */
export type Shape = Readonly<Record<string, unknown>>;

const nothing: Shape = Object.freeze({});

/** The object itself, or an empty one for anything that is none. */
export function shapeOf(value: unknown): Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Shape) : nothing;
}

/** The object under a key that is its own: `__proto__` and its like find nothing. */
export function inner(shape: Shape, key: string): Shape {
  return shapeOf(own(shape, key));
}

export function textAt(shape: Shape, key: string): string {
  const value = own(shape, key);
  return typeof value === 'string' ? value : '';
}

/** 0 for anything that is no finite number. */
export function numberAt(shape: Shape, key: string): number {
  const value = own(shape, key);
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

export function listAt(shape: Shape, key: string): readonly unknown[] {
  const value = own(shape, key);
  return Array.isArray(value) ? value : [];
}

/** Entries whose value is text; built so that a key called `__proto__` is a key like any other. */
export function textsAt(shape: Shape, key: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inner(shape, key)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Epoch ms of an RFC 3339 time with any number of decimals; 0 for anything else, and for Docker's year 1. */
export function timeAt(shape: Shape, key: string): number {
  const text = textAt(shape, key);
  const ms = Date.parse(text.replace(/\.\d+/, ''));
  if (!(ms > 0)) return 0;
  return ms + Number(/\.\d+/.exec(text)?.[0] ?? 0) * 1000;
}

export function own(shape: Shape, key: string): unknown {
  return Object.hasOwn(shape, key) ? shape[key] : undefined;
}
