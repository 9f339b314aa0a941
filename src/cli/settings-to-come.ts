import { choice, listOf, readSwitch } from '../labels/plain-value.ts';
import { good } from '../labels/value-reading.ts';
import type { SettingRow } from './setting-row.ts';

/**
 * Settings whose steps come later: known and checked, so that a typo is found now, and answered with one warning each when
 * somebody sets them.
 */
export const rowsToCome: readonly SettingRow<unknown>[] = [
  row({
    name: 'FAIRLEAD_PROXY_PROTOCOL',
    value: 'bool',
    default: 'off',
    builtIn: () => false,
    read: readSwitch,
    help: 'read the PROXY protocol from those that FAIRLEAD_TRUSTED names',
    example: 'on',
    asksForNothing: (on) => on === false,
  }),
  row({
    name: 'FAIRLEAD_COMPAT',
    value: 'list of `nginx-proxy`, `traefik`, `caddy`, or off',
    default: 'none',
    builtIn: () => [],
    read: (value, label) =>
      /^(off|none)$/i.test(value) ? good([]) : listOf(choice(['nginx-proxy', 'traefik', 'caddy']))(value, label),
    help: 'read the labels and variables of other proxies too',
    example: 'traefik',
    asksForNothing: (names) => names.length === 0,
  }),
];

type About<T> = Omit<SettingRow<T>, 'active'>;

function row<T>(about: About<T>): SettingRow<unknown> {
  return { ...about, active: false } as SettingRow<unknown>;
}
