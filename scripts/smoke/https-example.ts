import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { freePort } from '../demo/ports.ts';
import { until } from '../demo/until.ts';
import { ComposeProject } from './compose-project.ts';
import type { SmokeAbout } from './smoke-about.ts';

const host = 'app.localhost';

/** compose-examples/https.yaml with a name that leads nowhere else: the internal CA signs it, and who has its root is served. */
export async function checkHttpsExample({ engine, compose, say, signal }: SmokeAbout): Promise<void> {
  const [httpPort, port] = [await freePort(18_080), await freePort(18_443)];
  const env = { HTTP_PORT: `${httpPort}`, HTTPS_PORT: `${port}`, HOST_NAME: host, ACME_EMAIL: 'admin@example.com' };
  say('docker compose -f https.yaml up -d');
  await using project = await ComposeProject.up('https.yaml', { name: 'fairlead-smoke-https', compose, engine, env });
  try {
    const ca = await until('`fairlead certs root` prints the root', signal, () => project.fairlead('certs', 'root'));
    await until(`https://${host}:${port}/ is answered with 200`, signal, async () => {
      const { status, headers } = await get(port, ca);
      if (status !== 200) throw new Error(`${status}`);
      if (headers['x-frame-options'] !== 'SAMEORIGIN') throw new Error('its security headers are missing');
      return true;
    });
    say(`https://${host}:${port}/ is answered, and the root that \`fairlead certs root\` prints vouches for it`);
    const certs = await project.fairlead('certs');
    if (!/app\.localhost, www\.app\.localhost +valid/.test(certs))
      throw new Error(`\`fairlead certs\` in the container does not show its certificate as valid:\n${certs}`);
    say('`fairlead certs` works in the container');
  } catch (error) {
    console.error(await project.compose('logs', '--tail', '30', 'fairlead'));
    throw error;
  }
}

async function get(
  port: number,
  ca: string,
): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, unknown>> }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; headers: Record<string, unknown> }>();
  const signal = AbortSignal.timeout(10_000);
  const about = { host: '127.0.0.1', port, servername: host, ca, headers: { host }, agent: false as const, signal };
  const asked = request(about, (response) => {
    const { statusCode: status = 0, headers } = response;
    text(response).then(() => resolve({ status, headers }), reject);
  });
  asked.on('error', reject).end();
  return promise;
}
