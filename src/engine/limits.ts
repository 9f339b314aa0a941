import { defaultListenerLimits, type ListenerLimits } from '../http/transport.ts';
import { defaultEngineOptions, type EngineOptions } from './options.ts';

/** Every limit that an administrator sets; docs/limits.md has them all, with those that stay as they are. */
export interface Limits
  extends ListenerLimits,
    Pick<
      EngineOptions,
      | 'stallMs'
      | 'paceBytes'
      | 'responseHeadBytesMax'
      | 'responseLinesMax'
      | 'idleSocketsMax'
      | 'idleSocketMs'
      | 'tunnelCloseMs'
    > {
  /** Connections of clients, over all workers. */
  readonly connectionsMax: number;
  /** Of those, from one address; null = half of what there may be in all. */
  readonly perAddressMax: number | null;
}

const { stallMs, paceBytes, responseHeadBytesMax, responseLinesMax, idleSocketsMax, idleSocketMs, tunnelCloseMs } =
  defaultEngineOptions;

export const defaultLimits: Limits = {
  ...defaultListenerLimits,
  stallMs,
  paceBytes,
  responseHeadBytesMax,
  responseLinesMax,
  idleSocketsMax,
  idleSocketMs,
  tunnelCloseMs,
  connectionsMax: 16_384,
  perAddressMax: null,
};
