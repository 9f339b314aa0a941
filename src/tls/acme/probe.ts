import { request } from 'node:http';
import { connect } from 'node:tls';
import { bracketed } from '../../http/authority.ts';

/** How a name is looked at from outside, as an issuer would. */
export interface Probe {
  /**
   * `GET http://<name><path>` at one address, port 80.
   *
   * @throws node's error with a `code`, or the signal's reason.
   */
  http(
    target: { readonly address: string; readonly name: string; readonly path: string },
    signal: AbortSignal,
  ): Promise<ProbeAnswer>;
  /**
   * A handshake for the name with ALPN `acme-tls/1` at one address, port 443.
   *
   * @returns SHA-256 of the certificate that was shown, as node writes it; null where the other side speaks TLS, but not this protocol for
   *   this name.
   * @throws node's error with a `code`, or the signal's reason.
   */
  alpn(target: { readonly address: string; readonly name: string }, signal: AbortSignal): Promise<string | null>;
}

export interface ProbeAnswer {
  readonly status: number;
  /** The header Server; '' = none. */
  readonly server: string;
  /** The header Location; '' = none. */
  readonly location: string;
  /** Cut after 1,024 bytes: ours is shorter. */
  readonly body: string;
}

const bodyBytesMax = 1024;

/** Over real sockets. @param ports where issuers knock; other ones for tests and for private authorities. */
export function networkProbe(ports = { http: 80, https: 443 }): Probe {
  return {
    http({ address, name, path }, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<ProbeAnswer>();
      const headers = { host: bracketed(name), 'user-agent': 'fairlead-preflight' };
      const asking = request({ host: address, port: ports.http, path, headers, agent: false, signal }, (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const { server = '', location = '' } = answer.headers;
        const finish = () => {
          const body = Buffer.concat(chunks).subarray(0, bodyBytesMax).toString('latin1');
          resolve({ status: answer.statusCode ?? 0, server: `${server}`, location, body });
          asking.destroy();
        };
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes >= bodyBytesMax) finish();
        });
        answer.on('end', finish);
        answer.on('error', reject);
      });
      asking.on('error', reject);
      asking.end();
      return promise;
    },

    alpn({ address, name }, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<string | null>();
      signal.throwIfAborted();
      // The certificate of a challenge is signed by itself (RFC 8737 §3).
      const trust = { rejectUnauthorized: false, ALPNProtocols: ['acme-tls/1'] };
      const socket = connect({ host: address, port: ports.https, servername: name, ...trust }, () => {
        const certificate = socket.alpnProtocol === 'acme-tls/1' ? socket.getPeerX509Certificate() : undefined;
        resolve(certificate?.fingerprint256 ?? null);
        socket.destroy();
      });
      const giveUp = () => socket.destroy(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        // An alert of the other side, such as no_application_protocol (RFC 7301 §3.2).
        if (/^ERR_SSL_(SSLV3|TLSV1|TLSV13)_/.test(error.code ?? '')) resolve(null);
        else reject(error);
      });
      socket.on('close', () => {
        signal.removeEventListener('abort', giveUp);
        reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
      });
      return promise;
    },
  };
}
