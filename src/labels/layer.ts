import { isSecretHeader } from '../http/secret-header.ts';
import type { HeaderEdit } from './header-edit.ts';
import { readHeaderText } from './header-text.ts';
import type { OptionKey } from './options.ts';
import type { Problem } from './problem.ts';
import { type Culprit, problemOf } from './problem-text.ts';
import { splitShorthand } from './shorthand.ts';
import type { OptionSource } from './spec.ts';
import { guardOf, rowOf } from './table.ts';
import { bad, didYouMean, type Fault, type ValueReading } from './value-reading.ts';

/** One text for one option: a label, or a word of a profile, or a fleet default. */
export interface Assignment {
  readonly key: OptionKey;
  /** Name in `proxy.header.<Name>`, else ''. */
  readonly header: string;
  readonly text: string;
  /** The label or setting as written, for problems and sources. */
  readonly label: string;
  /** How it is called in suggestions: the label, or the bare option in a profile. */
  readonly call: string;
}

/** A value that could be read, and whose it is. */
export interface Setting {
  readonly value: unknown;
  readonly text: string;
  /** The whole value of the label, of which `text` may be a part. */
  readonly written: string;
  readonly label: string;
  /** As in `Assignment`, but for the one option. */
  readonly call: string;
  readonly secret: boolean;
}

export interface HeaderSetting extends Setting {
  readonly group: 'header' | 'reqheader';
  readonly value: HeaderEdit;
}

/** A protective label that is at fault. `key` is the option it was to set. */
export interface GuardFault {
  readonly guard: OptionKey;
  readonly key: OptionKey;
  readonly problem: Problem;
}

/** What one place (labels of one route, one profile, the fleet's defaults) says, before places are weighed against each other. */
export interface Layer {
  readonly source: OptionSource;
  readonly settings: ReadonlyMap<OptionKey, Setting>;
  /** By `header.x-name`, lower case. */
  readonly headers: ReadonlyMap<string, HeaderSetting>;
  /** Options that were named, but without a readable value. */
  readonly broken: ReadonlySet<OptionKey>;
  readonly guardFaults: readonly GuardFault[];
  readonly problems: readonly Problem[];
}

export const emptyLayer: Layer = {
  source: 'built-in',
  settings: new Map(),
  headers: new Map(),
  broken: new Set(),
  guardFaults: [],
  problems: [],
};

const valueCharsMax = 64 * 1024;

/** For all but lists and texts: readers of short values may take more than linear time. */
const shortCharsMax = 1_000;

/** Of one value; the first say enough. */
const faultsMax = 20;

/** Reads assignments of one place; a later one for the same option loses, since the order of labels means nothing. */
export function readLayer(assignments: readonly Assignment[], source: OptionSource, container: string): Layer {
  const layer = new LayerReader(source, container);
  // Shorthands first: an explicit sub-label wins over them.
  const inOrder = assignments.toSorted((a, b) => a.key.length - b.key.length);
  for (const assignment of inOrder) layer.read(assignment);
  return layer;
}

class LayerReader implements Layer {
  readonly source: OptionSource;
  readonly settings = new Map<OptionKey, Setting>();
  readonly headers = new Map<string, HeaderSetting>();
  readonly broken = new Set<OptionKey>();
  readonly guardFaults: GuardFault[] = [];
  readonly problems: Problem[] = [];
  readonly #container: string;
  readonly #byShorthand = new Set<OptionKey>();

  constructor(source: OptionSource, container: string) {
    this.source = source;
    this.#container = container;
  }

  read(assignment: Assignment): void {
    const fault = unreadableText(assignment.text);
    if (fault !== null) {
      this.broken.add(assignment.key);
      this.#report(assignment, fault);
    } else if (assignment.header !== '') this.#readHeader(assignment);
    else this.#readOption(assignment);
  }

  #readHeader(assignment: Assignment): void {
    const group = assignment.key as 'header' | 'reqheader';
    const name = assignment.header;
    const slot = `${group}.${name.toLowerCase()}`;
    const earlier = this.headers.get(slot);
    if (earlier !== undefined) {
      if (earlier.text !== assignment.text) this.#report(assignment, twice(group));
      return;
    }
    const reading = readHeaderText(group, name, assignment.text, assignment.call);
    for (const fault of reading.faults) this.#report(assignment, fault);
    if (reading.value === undefined) return;
    const secret = isSecretHeader(name);
    const { text, label, call } = assignment;
    this.headers.set(slot, { group, value: Object.freeze(reading.value), text, written: text, label, call, secret });
  }

  #readOption(assignment: Assignment): void {
    const { text, fault } = unquoted(assignment);
    if (fault !== null) this.#report(assignment, fault);
    const shorthand = splitShorthand(assignment.key, text, assignment.call);
    for (const partFault of first(shorthand.faults)) this.#report(assignment, partFault);
    if (shorthand.main === null && shorthand.parts.length === 0) this.broken.add(assignment.key);
    if (shorthand.main !== null) this.#readValue(assignment, assignment.key, shorthand.main, assignment.call, false);
    for (const part of shorthand.parts) {
      const call = assignment.call + part.key.slice(assignment.key.length);
      this.#readValue(assignment, part.key, part.text, call, true);
    }
  }

  #readValue(assignment: Assignment, key: OptionKey, text: string, call: string, inShorthand: boolean): void {
    const tooLong = text.length > shortCharsMax && rowOf(key).long !== true;
    const reading: ValueReading<unknown> = tooLong
      ? bad(`a value of at most ${shortCharsMax} characters`)
      : rowOf(key).read(text, call);
    for (const fault of first(reading.faults))
      this.#report(assignment, inShorthand ? { ...fault, item: fault.item ?? text } : fault, key);
    if (reading.value === undefined) {
      this.broken.add(key);
      return;
    }
    const { text: written, label } = assignment;
    const setting = { value: reading.value, text, written, label, call, secret: rowOf(key).secret === true };
    const earlier = this.settings.get(key);
    if (earlier === undefined) {
      this.settings.set(key, setting);
      if (inShorthand) this.#byShorthand.add(key);
      return;
    }
    const differs = JSON.stringify(earlier.value) !== JSON.stringify(setting.value);
    if (this.#byShorthand.delete(key)) {
      this.settings.set(key, setting);
      if (differs)
        this.#report(assignment, {
          expected: `one value: \`${earlier.label}\` says another in its shorthand, and this label wins`,
          severity: 'warning',
        });
    } else if (differs) this.#report(assignment, twice(key), key);
  }

  #report(assignment: Assignment, fault: Fault, key: OptionKey = assignment.key): void {
    const secret =
      assignment.header === ''
        ? rowOf(key).secret === true || rowOf(assignment.key).secret === true
        : isSecretHeader(assignment.header);
    const culprit: Culprit = { container: this.#container, label: assignment.label, text: assignment.text, secret };
    const problem = problemOf(culprit, fault);
    this.problems.push(problem);
    const guard = guardOf(key);
    if (guard !== null && problem.severity === 'error') this.guardFaults.push({ guard, key, problem });
  }
}

/** Keys are the same in any case; which of two protections was meant cannot be said. */
function twice(key: OptionKey): Fault {
  return {
    expected: 'the label once: another one of this name, in another case, counts',
    severity: guardOf(key) === null ? 'warning' : 'error',
  };
}

function unreadableText(text: string): Fault | null {
  if (text.length > valueCharsMax) return { expected: 'a value of at most 64 KiB' };
  if (!text.isWellFormed() || text.includes('\ufffd'))
    return { expected: 'UTF-8 text: the value holds bytes that are none' };
  // Line breaks and tabs come from YAML blocks, and are white space.
  if (/[^\P{Cc}\t\n\r]/u.test(text)) return { expected: 'a value without control characters' };
  return null;
}

/** Errors stay before warnings, since they may close a route. */
function first(faults: readonly Fault[]): readonly Fault[] {
  if (faults.length <= faultsMax) return faults;
  const isWarning = (fault: Fault) => fault.severity === 'warning';
  return [...faults.filter((fault) => !isWarning(fault)), ...faults.filter(isWarning)].slice(0, faultsMax);
}

/** `- proxy.host="a.example.com"` in a compose list makes the quotes part of the value: never meant. */
function unquoted(assignment: Assignment): { readonly text: string; readonly fault: Fault | null } {
  const row = rowOf(assignment.key);
  const inner = /^(["'])(.*)\1$/s.exec(assignment.text);
  if (row.verbatim || inner === null || (inner[2] as string).includes(inner[1] as string))
    return { text: assignment.text, fault: null };
  const text = (inner[2] as string).trim();
  const suggestion = row.secret ? '' : didYouMean(`${assignment.call}=${text}`);
  return {
    text,
    fault: {
      expected: 'a value without quotes: in a compose list they become part of it',
      suggestion,
      severity: 'warning',
    },
  };
}
