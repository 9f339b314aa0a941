import type { Agent, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { NodeCall } from './upstream-call.ts';

/** What stands around a call. */
export interface CallWorld {
  /** Null: a connection of its own, which is not kept. */
  readonly agent: Agent | null;
  /** Closes the pool's idle connections: where one was dead, the others most likely are. */
  readonly dropIdle?: () => void;
  /** Those of the pool that have no connection yet. */
  readonly dialling?: Set<NodeCall>;
  readonly continueWaitMs: number;
  readonly responseHeadBytesMax: number;
  readonly responseLinesMax: number;
  /** Asks the backend to switch protocols. Without this, a 101 is an answer nobody asked for. */
  readonly upgrade?: {
    readonly protocol: string;
    readonly onSwitch: (message: IncomingMessage, socket: Socket, early: Buffer) => void;
  };
}
