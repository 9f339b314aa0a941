import type { HeaderEdit } from './header-edit.ts';
import type { Layer } from './layer.ts';
import type { OptionKey, Options } from './options.ts';
import { shownValue } from './problem-text.ts';
import type { RouteSpec } from './spec.ts';
import { optionKeys, rowOf } from './table.ts';

/** A layer as it counts for one route. */
export interface ChainLink {
  readonly layer: Layer;
  /** The layer is of the base, and the route a named one: matchers stay behind. */
  readonly inherited: boolean;
}

/** Layers of one route, the strongest first. */
export type Chain = readonly ChainLink[];

const builtIn = Object.freeze(Object.fromEntries(optionKeys.map((key) => [key, rowOf(key).builtIn])));

/** Weighs the layers against each other: the strongest that names an option sets it; header edits name by name. */
export function effectiveOptions(chain: Chain): Pick<RouteSpec, 'options' | 'sources'> {
  const options: Record<string, unknown> = { ...builtIn };
  const sources: Record<string, RouteSpec['sources'][string]> = {};
  for (const { layer, inherited } of chain.toReversed()) {
    for (const [key, setting] of layer.settings) {
      if (inherited && rowOf(key).matcher) continue;
      options[key] = setting.value;
      sources[key] = { source: layer.source, text: shownValue(setting.text, setting.secret), label: setting.label };
    }
  }
  for (const group of ['header', 'reqheader'] as const) mergeHeaders(group, chain, options, sources);
  return { options: Object.freeze(options) as unknown as Options, sources: Object.freeze(sources) };
}

/** The source of a group of edits is that of its strongest; its text shows them all. */
function mergeHeaders(
  group: 'header' | 'reqheader',
  chain: Chain,
  options: Record<string, unknown>,
  sources: Record<string, RouteSpec['sources'][string]>,
): void {
  const edits = new Map<string, { readonly edit: HeaderEdit; readonly shown: string }>();
  let source: RouteSpec['sources'][string] | null = null;
  for (const { layer } of chain) {
    for (const [slot, setting] of layer.headers) {
      if (setting.group !== group || edits.has(slot)) continue;
      edits.set(slot, {
        edit: setting.value,
        shown: `${setting.value.name}: ${shownValue(setting.text, setting.secret)}`,
      });
      source ??= { source: layer.source, text: '', label: setting.label };
    }
  }
  if (source === null) return;
  const inOrder = [...edits].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  options[group] = Object.freeze(inOrder.map(({ edit }) => edit));
  sources[group] = { ...source, text: shownValue(inOrder.map(({ shown }) => shown).join('; '), false) };
}

/** The strongest setting of an option in a chain. */
export function settingOf(
  chain: Chain,
  key: OptionKey,
): { readonly layer: Layer; readonly setting: ReturnType<Layer['settings']['get']> & {} } | null {
  for (const { layer, inherited } of chain) {
    if (inherited && rowOf(key).matcher) continue;
    const setting = layer.settings.get(key);
    if (setting !== undefined) return { layer, setting };
  }
  return null;
}
