import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';

/** For `localhost`, by itself, until 2126; nobody trusts it. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+ZyD3rg8He114lka
nE4ZElO/fxIrJHeSnX2dAUDNJ4ShRANCAASBDHGkb4BS8jsRiRwdo0EzzC9VBd22
1njPCLoAOF7uGc12Ul/tqYY/bQzh/Cj+qdVkYqHr3DiM28FmvM4aQpKD
-----END PRIVATE KEY-----
`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUN3HI4WuehBCLNnFKVafcMEsmxZYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDAzMDQzN1oYDzIxMjYxMDMx
MDMwNDM3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASBDHGkb4BS8jsRiRwdo0EzzC9VBd221njPCLoAOF7uGc12Ul/tqYY/
bQzh/Cj+qdVkYqHr3DiM28FmvM4aQpKDo2kwZzAdBgNVHQ4EFgQUz9Q6RbpsPkXF
mlHU+PkZ4arq5kUwHwYDVR0jBBgwFoAUz9Q6RbpsPkXFmlHU+PkZ4arq5kUwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
RwAwRAIgTOWVpOwfQo/bSeXfWl/FeroDaGwja1SnK7LSV0aZWbgCIH/pGgC7bOn8
FuwhDPNqzoptL11nTWvi1SfPjQ5c707j
-----END CERTIFICATE-----
`;

/** The pair, as node takes it. */
export const localhost = { key, cert };

/** What it saw of its connections, in the order of their handshakes. */
export interface TlsBackend {
  readonly port: number;
  readonly names: readonly (string | false)[];
  /** Whether a session was taken up again. */
  readonly resumed: readonly boolean[];
}

/** A backend over TLS with a certificate that nobody trusts; answers every request head with the same bytes. */
export async function tlsBackend(t: TestContext, answer: string): Promise<TlsBackend> {
  const names: (string | false)[] = [];
  const resumed: boolean[] = [];
  const server = createServer({ key, cert }, (socket: TLSSocket) => {
    names.push(socket.servername ?? false);
    resumed.push(socket.isSessionReused());
    socket.on('error', () => {});
    socket.on('data', () => socket.write(answer));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, names, resumed };
}
