import type Docker from 'dockerode';
import { lastLines } from '../command.ts';

/** Follows what the engine reports while it pulls, imports or builds. Throws with the end of the report when it failed. */
export function progressOf(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let log = '';
  docker.modem.followProgress(
    stream,
    (error) => (error ? reject(new Error(`${error.message}\n${lastLines(log, 20)}`, { cause: error })) : resolve()),
    (step: { stream?: string; status?: string }) => {
      log = (log + (step.stream ?? `${step.status ?? ''}\n`)).slice(-20_000);
    },
  );
  return promise;
}
