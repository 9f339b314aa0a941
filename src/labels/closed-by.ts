import { notYetActive } from './activity.ts';
import { type Chain, settingOf } from './effective-options.ts';
import type { Setting } from './layer.ts';
import type { OptionKey, Options } from './options.ts';
import type { Problem } from './problem.ts';
import { type Culprit, problemOf } from './problem-text.ts';
import { groupOf, guardOf, optionKeys, rowOf } from './table.ts';

const guards = optionKeys.filter((key) => rowOf(key).protective);

/**
 * Why a route must stay closed: protective options that cannot be read, cannot be applied yet, or guard nothing as they
 * stand. A fault counts until a stronger layer sets the same option, or switches the protection off.
 */
export function closedBy(chain: Chain, options: Options, container: string): Problem[] {
  return guards.flatMap((guard) => {
    const faults = faultsOf(guard, chain);
    const main = settingOf(chain, guard);
    const unable = main === null ? null : notYetActive(guard, main.setting, container);
    return [
      ...faults,
      ...(unable === null ? [] : [unable]),
      ...withoutEffect(guard, chain, options, container, faults.length > 0),
    ];
  });
}

function faultsOf(guard: OptionKey, chain: Chain): Problem[] {
  const problems: Problem[] = [];
  const set = new Set<OptionKey>();
  for (const { layer } of chain) {
    for (const fault of layer.guardFaults)
      if (fault.guard === guard && !set.has(fault.key)) problems.push(fault.problem);
    const main = layer.settings.get(guard);
    if (main !== undefined && isOffValue(guard, main.value)) break;
    // Profiles of a named route come on top of those it inherits.
    for (const key of layer.settings.keys()) if (key !== 'use') set.add(key);
  }
  return problems;
}

function isOffValue(guard: OptionKey, value: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(rowOf(guard).off);
}

/** `proxy.auth.users` without `proxy.auth`, or the reverse: its author believes that the route is protected. */
function withoutEffect(
  guard: OptionKey,
  chain: Chain,
  options: Options,
  container: string,
  faulty: boolean,
): Problem[] {
  if (faulty) return [];
  const main = settingOf(chain, guard);
  if (guard === 'auth' && main !== null && options.auth.kind === 'basic' && options['auth.users'] === null) {
    return [
      problemOf(culprit(main.setting, container), {
        expected: 'also proxy.auth.users: nobody can sign in without it',
        suggestion: 'make an entry with `fairlead hash`',
      }),
    ];
  }
  if (main !== null) return [];
  for (const { layer } of chain) {
    if (layer.source !== 'label') continue;
    for (const [key, setting] of layer.settings) {
      if (key === guard || guardOf(key) !== guard || groupOf(key) !== guard) continue;
      return [
        problemOf(culprit(setting, container), {
          expected: `also proxy.${guard}=${rowOf(guard).example}: ${key} protects nothing by itself`,
          suggestion: `\`proxy.${guard}=off\` says that no protection is meant`,
        }),
      ];
    }
  }
  return [];
}

function culprit(setting: Setting, container: string): Culprit {
  return { container, label: setting.label, text: setting.written, secret: setting.secret };
}
