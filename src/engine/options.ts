/** Limits of an engine; milliseconds and bytes. docs/limits.md says which are settings. */
export interface EngineOptions {
  /** A client that stalls in the middle of a body, or does not take what it was given of an answer, is given up. */
  readonly stallMs: number;
  /** What a request body must bring within `stallMs`, unless it ends; 1 = any byte will do. */
  readonly paceBytes: number;
  /** How long an answer that ends a connection waits for the client to read it. */
  readonly lingerMs: number;
  /** How long `Expect: 100-continue` waits for the backend's word before the body is asked for all the same. */
  readonly continueWaitMs: number;
  /** A kept backend connection is closed after this long without a request; a shorter `Keep-Alive: timeout` of the backend wins. */
  readonly idleSocketMs: number;
  /** Kept backend connections per peer. */
  readonly idleSocketsMax: number;
  /** And of all peers together: each holds a read buffer of 68 KiB, so that these take 140 MB at most. */
  readonly idleSocketsTotalMax: number;
  readonly responseHeadBytesMax: number;
  /** Field lines in a response head. */
  readonly responseLinesMax: number;
  /** What a tunnel that is told to close has left for its last bytes. */
  readonly tunnelCloseMs: number;
}

export const defaultEngineOptions: EngineOptions = {
  stallMs: 60_000,
  paceBytes: 1024,
  lingerMs: 2_000,
  // What curl waits, too, before it sends a body unasked.
  continueWaitMs: 1_000,
  // Below the 60 s after which many load balancers and servers forget a connection.
  idleSocketMs: 55_000,
  // 512 busy clients of one backend would open and close connections all the time at 256.
  idleSocketsMax: 1024,
  idleSocketsTotalMax: 2048,
  responseHeadBytesMax: 64 * 1024,
  responseLinesMax: 128,
  tunnelCloseMs: 1_000,
};
