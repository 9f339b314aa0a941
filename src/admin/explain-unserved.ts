import type { Container } from '../docker/container.ts';
import type { Snapshot } from '../docker/snapshot.ts';
import { readAuthority } from '../http/authority.ts';
import { problemSentence } from '../labels/problem-sentence.ts';
import type { BuiltTable } from '../routing/build.ts';
import type { Question } from '../routing/question.ts';

/** A container that names a host in its labels, and has no route for it. */
export interface Unserved {
  readonly container: string;
  /** Where the host stands. */
  readonly label: string;
  /** One sentence. */
  readonly why: string;
}

const shownMax = 5;
const ownLabel = /^proxy\./i;

/** Containers in whose labels the host of a question stands, but which no route of it has; and why, as far as their problems say it. */
export function unservedOf({ authority }: Question, { containers }: Snapshot, built: BuiltTable): readonly Unserved[] {
  const host = readAuthority(authority)?.host;
  if (host === undefined) return [];
  const serving = new Set<string>();
  for (const { route, members } of built.details.values())
    if (route.host.kind === 'exact' && route.host.name === host)
      for (const { container } of members) serving.add(container.id);
  const found: Unserved[] = [];
  for (const container of containers) {
    if (serving.has(container.id)) continue;
    const label = labelWith(container, host);
    if (label === null) continue;
    found.push({ container: container.name, label, why: whyNone(container, label, host, built) });
    if (found.length === shownMax) break;
  }
  return found;
}

/** As a word of its own, as in Host(`app.example.com`) too; a label of this proxy before those of others. */
function labelWith({ labels }: Container, host: string): string | null {
  const found = Object.entries(labels)
    .filter(([, value]) =>
      value
        .toLowerCase()
        .split(/[^\w.-]+/)
        .includes(host),
    )
    .map(([label]) => label);
  return found.find((label) => ownLabel.test(label)) ?? found[0] ?? null;
}

function whyNone({ name, id }: Container, label: string, host: string, { unrouted, problems }: BuiltTable): string {
  if (!ownLabel.test(label)) return `that is no label of this proxy; proxy.host=${host} is`;
  const known = unrouted.find((one) => one.id === id);
  if (known !== undefined) return known.suggestion === '' ? known.why : `${known.why}; ${known.suggestion}`;
  const errors = problems.filter(({ container, severity }) => container === name && severity === 'error');
  const first = errors.find((one) => one.label.toLowerCase() === label.toLowerCase()) ?? errors[0];
  return first === undefined ? 'its labels make no route of it; `fairlead check` may say more' : problemSentence(first);
}
