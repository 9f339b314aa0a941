/** How `UpstreamEvents.onReady` tells a connection that has served before from one that has not. */
export const connectionUse = { kept: { reused: true }, fresh: { reused: false } };
