import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/free-port.ts';
import { Child } from '../child.ts';
import type { Contender, ContenderOptions } from './contender.ts';

/** The http-proxy package on this Node with a keep-alive agent. */
export async function startHttpProxy(options: ContenderOptions): Promise<Contender> {
  const { core, dir, backendPort, identity } = options;
  const port = await freePort();
  const accessLog = join(dir, 'http-proxy.access.log');
  const file = fileURLToPath(new URL('./http-proxy-process.ts', import.meta.url));
  const args = ['--no-deprecation', file, String(port), String(backendPort), accessLog];
  if (identity !== undefined) args.push(identity.certFile, identity.keyFile);
  const child = new Child('http-proxy', process.execPath, args, { core, dir, env: { NODE_ENV: 'production' } });
  return {
    name: 'http-proxy',
    version: `http-proxy ${packageVersion('http-proxy')}`,
    port,
    pid: child.pid,
    accessLog,
    [Symbol.asyncDispose]: () => child.stop(),
  };
}

function packageVersion(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
