/** What is wrong with a value, before it is known whose it is; becomes a `Problem`. */
export interface Fault {
  /** What would have been right, with an example. */
  readonly expected: string;
  readonly suggestion?: string;
  /** 'error' when not said. */
  readonly severity?: 'error' | 'warning';
  /** The item at fault, where the value is a list. */
  readonly item?: string;
}

/** What could be read of a value, and what could not. Without `value` the label has no effect. */
export interface ValueReading<T> {
  readonly value?: T;
  readonly faults: readonly Fault[];
}

/**
 * Reads the text of one option; never throws. `text` is trimmed; `label` is the key as written (or the name of a setting),
 * for suggestions only.
 */
export type Reader<T> = (text: string, label: string) => ValueReading<T>;

const none: readonly Fault[] = [];

export function good<T>(value: T): ValueReading<T> {
  return { value, faults: none };
}

/** Works, but hardly as meant. */
export function doubtful<T>(value: T, expected: string, suggestion = ''): ValueReading<T> {
  return { value, faults: [{ expected, suggestion, severity: 'warning' }] };
}

export function bad(expected: string, suggestion = ''): { readonly faults: readonly Fault[] } {
  return { faults: [{ expected, suggestion }] };
}

/** The one form in which a mend is proposed; `labels` are written as `key=value` or as a key. */
export function didYouMean(...labels: readonly string[]): string {
  const quoted = labels.map((label) => `\`${label.length > 200 ? `${label.slice(0, 199)}…` : label}\``);
  return `did you mean ${quoted.join(' and ')}?`;
}

/** The key of another option of the same route: `proxy.api.host` → `proxy.api.port`. */
export function siblingLabel(label: string, option: string): string {
  return label.includes('.') ? label.replace(/[^.]*$/, option) : `proxy.${option}`;
}

/** Puts the words for "off" before a reader: `off` is valid for every feature (contract §1.7). */
export function orOff<T>(off: T, read: Reader<T>): Reader<T> {
  return (text, label) => (isOff(text) ? good(off) : read(text, label));
}

export function isOff(text: string): boolean {
  return /^(off|false|no)$/i.test(text);
}
