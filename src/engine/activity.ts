import type { ListenerActivity } from '../http/transport.ts';

/** Counts what connections are busy with now; looks at each. */
export function activityOf(connections: Iterable<{ readonly activity: keyof ListenerActivity }>): ListenerActivity {
  const now = { reading: 0, writing: 0, waiting: 0 };
  for (const { activity } of connections) now[activity]++;
  return now;
}

export function sumOf(one: ListenerActivity, other: ListenerActivity): ListenerActivity {
  return {
    reading: one.reading + other.reading,
    writing: one.writing + other.writing,
    waiting: one.waiting + other.waiting,
  };
}
