import type { Container } from '../docker/container.ts';
import type { settingOf } from './effective-options.ts';
import { prefixProblems } from './near-prefix.ts';
import type { Problem } from './problem.ts';
import { expectationText } from './problem-sentence.ts';

/** Why a container with labels for the proxy asks for no route. */
export interface UnroutedReason {
  /** One sentence. */
  readonly why: string;
  /** '' where it is as its owner said. */
  readonly suggestion: string;
}

/** @param enable what decides; null = nobody has said anything, and it is a one-off of compose. */
export function hiddenReason(enable: ReturnType<typeof settingOf>): UnroutedReason {
  const forced = 'add `proxy.enable=true` to its labels, if it is to be routed';
  if (enable === null || enable.setting.value === true)
    return { why: 'it is a one-off of compose (`docker compose run`), and those are not routed', suggestion: forced };
  const { setting, layer } = enable;
  const why = `\`${setting.label}=${setting.text}\` hides it`;
  return { why, suggestion: layer.source === 'label' ? '' : forced };
}

/** Of a container without any label of ours; null where none is nearly one. */
export function nearlyOurs({ name, labels }: Container): UnroutedReason | null {
  const [first] = prefixProblems(name, labels);
  return first === undefined ? null : reasonOf(first);
}

/** What a container that asks for no route has said instead. */
export interface Unserved {
  readonly problems: readonly Problem[];
  /** Labels in lower case without whose value their routes are not served. */
  readonly labels: readonly string[];
  /** Named routes that are switched off. */
  readonly off: readonly string[];
}

/** The likeliest cause first: what was to be a host, then what keeps routes from being served, then that nobody named a host. */
export function nothingServed({ problems, labels, off }: Unserved): UnroutedReason {
  const broken = problems.find(({ label, value }) => value !== '' && labels.includes(label.toLowerCase()));
  const misspelt = problems.find(({ label, suggestion }) => label !== '' && hostMeant.test(suggestion));
  const belowHttp = problems.find(({ label }) => /^proxy\.(?:[a-z0-9-]+\.)?(?:tcp|udp)$/i.test(label));
  const hostless = problems.find(({ label, expected }) => label === '' && expected.startsWith('a host for route'));
  const culprit = broken ?? misspelt ?? belowHttp ?? hostless;
  if (culprit !== undefined) return reasonOf(culprit);
  const [name] = off;
  if (name !== undefined)
    return { why: `\`proxy.${name}.enable\` is off, and there is no other route`, suggestion: '' };
  return {
    why: 'it has no `proxy.host`, and nothing is routed without one',
    suggestion: '`proxy.host=app.example.com`',
  };
}

const hostMeant = /did you mean `proxy\.(?:[a-z0-9-]+\.)?host\b/i;

function reasonOf({ label, value, expected, suggestion }: Problem): UnroutedReason {
  const culprit = value === '' ? label : `${label}=${value}`;
  return { why: label === '' ? expectationText(expected) : `\`${culprit}\`: ${expectationText(expected)}`, suggestion };
}
