/** The least that Node can do for a proxy: bytes from one socket to another. Arguments: port, backend's port. */
import { connect, createServer, type TcpNetConnectOpts } from 'node:net';

const [port = '', backendPort = ''] = process.argv.slice(2);

createServer({ noDelay: true }, (client) => {
  const buffer = Buffer.allocUnsafeSlow(64 * 1024);
  const options = {
    ...{ host: '127.0.0.1', port: Number(backendPort), noDelay: true },
    onread: {
      buffer,
      callback(length: number): boolean {
        client.write(buffer.subarray(0, length));
        if (client.writableLength === 0) return true;
        client.write('', () => backend.resume());
        return false;
      },
    },
  };
  const backend = connect(options as unknown as TcpNetConnectOpts);
  client.on('data', (chunk) => {
    if (!backend.write(chunk)) client.pause();
  });
  backend.on('drain', () => client.resume());
  client.on('error', () => {}).on('close', () => backend.destroy());
  backend.on('error', () => {}).on('close', () => client.destroy());
}).listen({ host: '127.0.0.1', port: Number(port), backlog: 1024 });
