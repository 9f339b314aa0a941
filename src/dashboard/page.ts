import type { TemplateResult } from 'lit-html';
import type { LiveFeed } from './live-feed.ts';

/** What a page may use of the application. */
export interface Surroundings {
  readonly feed: LiveFeed;
  /** Shows another address of ours; `replace` leaves no step to go back to. */
  go(address: string, how?: 'push' | 'replace'): void;
  /** Something is to be shown that was not before. */
  changed(): void;
}

/** One of the pages. It is asked again whenever something has changed, and lit-html changes what differs. */
export interface Page {
  /** Of the window. */
  readonly title: string;
  /** What it has to hear. */
  readonly live: string;
  /** The same page was asked for with another query. */
  visit(query: URLSearchParams): void;
  render(): TemplateResult;
  /** Another page takes its place. */
  leave(): void;
}
