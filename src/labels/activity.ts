import type { Layer, Setting } from './layer.ts';
import type { OptionKey } from './options.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-text.ts';
import { groupOf, rowOf } from './table.ts';

/** Whether the value asks for something: neither off nor what holds anyway. */
export function asksForSomething(key: OptionKey, value: unknown): boolean {
  const row = rowOf(key);
  const text = JSON.stringify(value);
  return text !== JSON.stringify(row.builtIn) && (row.off === undefined || text !== JSON.stringify(row.off));
}

function isActive(key: OptionKey, value: unknown): boolean {
  const { active } = rowOf(key);
  return typeof active === 'boolean' ? active : active(value);
}

/** The notice for a value that is understood, but on which this version does not act; null when there is nothing to say. */
export function notYetActive(key: OptionKey, setting: Setting, container: string): Problem | null {
  if (isActive(key, setting.value) || !asksForSomething(key, setting.value)) return null;
  const culprit = {
    container,
    label: setting.label,
    text: setting.written,
    secret: setting.secret || rowOf(groupOf(key)).secret === true,
  };
  if (rowOf(key).protective) {
    return problemOf(culprit, {
      expected: `not yet active: this version cannot apply ${key}, so the route stays closed (503 label-invalid)`,
      suggestion: `\`${setting.call}=off\` serves the route without this protection`,
    });
  }
  const what = typeof rowOf(key).active === 'boolean' ? key : `this value of ${key}`;
  return problemOf(
    culprit,
    { expected: `not yet active: ${what} is read and checked, but this version does not act on it` },
    'info',
  );
}

/** Notices for all of a layer's settings, in the order of their options. */
export function inactiveNotices(
  layer: Layer,
  container: string,
): { readonly key: OptionKey; readonly problem: Problem }[] {
  const notices: { key: OptionKey; problem: Problem }[] = [];
  for (const [key, setting] of layer.settings) {
    const problem = notYetActive(key, setting, container);
    if (problem !== null) notices.push({ key, problem });
  }
  return notices;
}
