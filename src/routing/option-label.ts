import type { OptionKey } from '../labels/options.ts';
import type { RouteSpec } from '../labels/spec.ts';

/** The label (or setting) that gave an option; where it is built-in, the label that would set it for this route. */
export function labelOf(spec: RouteSpec, option: OptionKey): string {
  return spec.sources[option]?.label ?? (spec.name === '' ? `proxy.${option}` : `proxy.${spec.name}.${option}`);
}

/** Longest text of a value in a problem. */
const shownCharsMax = 200;

/** What its owner wrote for an option, cut for display; '' where it is built-in. */
export function labelText(spec: RouteSpec, option: OptionKey): string {
  return spec.sources[option]?.text.slice(0, shownCharsMax) ?? '';
}
