import { createHash, randomBytes } from 'node:crypto';

/** A fresh Sec-WebSocket-Key (RFC 6455 §4.1). */
export function websocketKey(): string {
  return randomBytes(16).toString('base64');
}

/** What a server that speaks WebSocket says to it as Sec-WebSocket-Accept (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
