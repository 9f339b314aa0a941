/** As much of JSON Schema (draft 7) as docs/labels.schema.json uses. */
export type Schema = Readonly<Record<string, unknown>>;

/** Whether a value is one of those that a schema describes. A keyword that is not known here throws. */
export function conforms(value: unknown, schema: Schema, root: Schema): boolean {
  return Object.entries(schema).every(([keyword, about]) => {
    const check = keywords[keyword];
    if (check === undefined) throw new Error(`keyword ${keyword}`);
    return check(value, about as never, root);
  });
}

const keywords: Readonly<Record<string, (value: unknown, about: never, root: Schema) => boolean>> = {
  $schema: () => true,
  title: () => true,
  description: () => true,
  examples: () => true,
  definitions: () => true,
  $ref: (value, ref: string, root) =>
    conforms(value, (root.definitions as Record<string, Schema>)[ref.replace('#/definitions/', '')] as Schema, root),
  type: (value, types: string | readonly string[]) => [types].flat().some((type) => isOfType(value, type)),
  enum: (value, values: readonly unknown[]) => values.includes(value),
  minimum: (value, minimum: number) => typeof value !== 'number' || value >= minimum,
  maximum: (value, maximum: number) => typeof value !== 'number' || value <= maximum,
  pattern: (value, pattern: string) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  anyOf: (value, schemas: readonly Schema[], root) => schemas.some((schema) => conforms(value, schema, root)),
  not: (value, schema: Schema, root) => !conforms(value, schema, root),
  items: (value, schema: Schema, root) => !Array.isArray(value) || value.every((item) => conforms(item, schema, root)),
  properties: (value, schemas: Readonly<Record<string, Schema>>, root) =>
    entriesOf(value).every(
      ([key, item]) => !Object.hasOwn(schemas, key) || conforms(item, schemas[key] as Schema, root),
    ),
  patternProperties: (value, schemas: Readonly<Record<string, Schema>>, root) =>
    entriesOf(value).every(([key, item]) =>
      Object.entries(schemas).every(
        ([pattern, schema]) => !new RegExp(pattern, 'u').test(key) || conforms(item, schema, root),
      ),
    ),
  // As the schema has no `properties` beside it.
  additionalProperties: (value, schema: Schema, root) =>
    entriesOf(value).every(([, item]) => conforms(item, schema, root)),
  propertyNames: (value, schema: Schema, root) => entriesOf(value).every(([key]) => conforms(key, schema, root)),
};

function isOfType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  const itsType: string = typeof value;
  return itsType === type;
}

function entriesOf(value: unknown): [string, unknown][] {
  return isOfType(value, 'object') ? Object.entries(value as object) : [];
}
