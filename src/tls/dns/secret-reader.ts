import { isRef, readRef } from '../../labels/ref.ts';

/** A secret that stands in a setting, or where the setting points. */
export type SecretReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'text'; readonly text: string }
  /** `why` names the place, never the content. */
  | { readonly kind: 'unreadable'; readonly why: string };

export type SecretReader = () => SecretReading;

/** A secret of more is none. */
const charsMax = 16_384;

/**
 * Reads the text of a setting such as `FAIRLEAD_ACME_DNS_SECRET`; `@/run/secrets/x` and `env:NAME` are followed when it is called.
 *
 * @param text '' = not set.
 * @param from `readFile` throws where there is none to read, as readFileSync does.
 */
export function secretReader(
  text: string,
  from: {
    readonly readFile: (path: string) => string;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): SecretReader {
  return () => {
    if (!isRef(text.trim())) return textReading(text);
    const { value: ref, faults } = readRef(text.trim());
    if (ref === undefined) return { kind: 'unreadable', why: `expected ${faults[0]?.expected}` };
    switch (ref.ref) {
      case 'env':
        return textReading(from.env[ref.name] ?? '', `the variable ${ref.name} is not set`);
      case 'file':
        try {
          return textReading(from.readFile(ref.path), `${ref.path} is empty`);
        } catch (error) {
          const why = (error as NodeJS.ErrnoException).code ?? 'unknown error';
          return { kind: 'unreadable', why: `${ref.path} cannot be read (${why})` };
        }
      default:
        return ref satisfies never;
    }
  };
}

/** @param whenEmpty why nothing is there, where something was pointed at. */
function textReading(text: string, whenEmpty?: string): SecretReading {
  const trimmed = text.trim();
  if (trimmed.length > charsMax) return { kind: 'unreadable', why: `it has more than ${charsMax} characters` };
  if (trimmed !== '') return { kind: 'text', text: trimmed };
  return whenEmpty === undefined ? { kind: 'absent' } : { kind: 'unreadable', why: whenEmpty };
}
