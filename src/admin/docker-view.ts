import type { EngineStatus } from '../docker/snapshot.ts';

/** How we stand with an engine, as `/routes` shows it. */
export interface DockerView {
  readonly connected: boolean;
  /** ISO time since when it is connected, or not. */
  readonly since: string | null;
  readonly endpoint: string;
  readonly engine: string;
  readonly apiVersion: string;
  /** What is wrong and what to do; '' when nothing is. */
  readonly error: string;
  /** Where there are several: each of them, while the fields above are of the first that is not connected. */
  readonly endpoints?: readonly DockerView[];
}

export function dockerView(engines: readonly EngineStatus[]): DockerView {
  const views = engines.map(engineView);
  const shown = views.find(({ connected }) => !connected) ?? views[0];
  if (shown === undefined)
    return { connected: false, since: null, endpoint: '', engine: '', apiVersion: '', error: 'not asked yet' };
  return views.length > 1 ? { ...shown, endpoints: views } : shown;
}

function engineView({ connected, sinceMs, endpoint, engine, apiVersion, error }: EngineStatus): DockerView {
  const since = new Date(sinceMs).toISOString();
  return { connected, since, endpoint, engine, apiVersion, error: connected ? '' : error };
}
