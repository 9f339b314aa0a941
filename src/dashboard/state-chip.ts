import { html, type TemplateResult } from 'lit-html';
import type { BackendView } from '../admin/route-view.ts';

export type Colour = 'live' | 'degraded' | 'down' | 'closed' | 'info';

/** A state by its word; the colour only says it again. */
export function chip(word: string, colour: Colour): TemplateResult {
  return html`<span class="state ${colour}">${word}</span>`;
}

export function dot(colour: Colour): TemplateResult {
  return html`<span class="dot ${colour}" aria-hidden="true"></span>`;
}

const backendColours: Readonly<Partial<Record<BackendView['state'], Colour>>> = {
  healthy: 'live',
  starting: 'degraded',
  draining: 'degraded',
  paused: 'degraded',
  asleep: 'degraded',
};

export function backendColour(state: BackendView['state']): Colour {
  return backendColours[state] ?? 'down';
}
