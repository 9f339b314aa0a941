import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';

/** The first bytes that node sends as a client of TLS. */
export async function helloBytes(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ ...options, port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

/** The same message in records of this many bytes. */
export function inRecords(hello: Buffer, fragmentBytes: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += fragmentBytes) {
    const fragment = message.subarray(at, at + fragmentBytes);
    records.push(Buffer.from([22, 3, 1, fragment.length >> 8, fragment.length & 0xff]), fragment);
  }
  return Buffer.concat(records);
}

/** A ClientHello as a record, with these extensions and nothing that a server would take. */
export function helloWith(extensions: readonly (readonly [type: number, data: Buffer])[], version = 0x0303): Buffer {
  const list = extensions.map(([type, data]) => Buffer.concat([u16(type), u16(data.length), data]));
  const body = Buffer.concat([
    u16(version),
    Buffer.alloc(32),
    Buffer.from([0]),
    u16(2),
    u16(0x1301),
    Buffer.from([1, 0]),
    u16(Buffer.concat(list).length),
    ...list,
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), u16(body.length), body]);
  return Buffer.concat([Buffer.from([22, 3, 1]), u16(message.length), message]);
}

export function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** The extension that names a server. */
export function serverName(name: string): readonly [number, Buffer] {
  const bytes = Buffer.from(name, 'latin1');
  return [0, Buffer.concat([u16(bytes.length + 3), Buffer.from([0]), u16(bytes.length), bytes])];
}

/** ALPN. */
export function protocolList(...names: string[]): readonly [number, Buffer] {
  const list = Buffer.concat(names.map((name) => Buffer.concat([Buffer.from([name.length]), Buffer.from(name)])));
  return [16, Buffer.concat([u16(list.length), list])];
}
