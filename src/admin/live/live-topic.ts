import type { LiveMoment } from './live-moment.ts';

/** What some listeners want to know, worked out once for all of them. */
export interface LiveTopic {
  /** @param look number of this look at things, one more each time. */
  refresh(moment: LiveMoment, look: number): void;
  /** The events that a listener has not heard yet: the newest of each kind; '' where there are none. */
  since(heard: number): string;
}
