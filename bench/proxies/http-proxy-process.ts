/** A reverse proxy of the kind people write around the http-proxy package. Arguments: port, backend's port, access log; for HTTPS certificate and key too. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, type ClientRequest, createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import httpProxy from 'http-proxy';
import pino from 'pino';

const [port = '', backendPort = '', accessLog = '', certFile, keyFile] = process.argv.slice(2);
const log = pino({ base: null }, pino.destination({ dest: accessLog, sync: false, minLength: 8192 }));
const target = { host: '127.0.0.1', port: Number(backendPort) };
const proxy = httpProxy.createProxyServer({ target, agent: new Agent({ keepAlive: true, maxFreeSockets: 1024 }) });
const forward = (outgoing: ClientRequest, request: IncomingMessage): void => {
  outgoing.setHeader('X-Real-IP', request.socket.remoteAddress ?? '');
  outgoing.setHeader('X-Forwarded-For', request.socket.remoteAddress ?? '');
  outgoing.setHeader('X-Forwarded-Proto', certFile === undefined ? 'http' : 'https');
  outgoing.setHeader('X-Forwarded-Host', request.headers.host ?? '');
  outgoing.setHeader('X-Forwarded-Port', port);
  outgoing.setHeader('X-Request-Id', randomUUID());
};
proxy.on('proxyReq', forward);
proxy.on('proxyReqWs', forward);
proxy.on('error', (_error, _request, response) => response.destroy());
const listener: RequestListener = (request, response) => {
  const startedMs = performance.now();
  if (request.headers.host !== 'bench.test') return void response.writeHead(404).end();
  response.on('close', () => {
    const ms = performance.now() - startedMs;
    log.info({
      client: request.socket.remoteAddress,
      method: request.method,
      url: request.url,
      status: response.statusCode,
      ms,
    });
  });
  proxy.web(request, response);
};
const server =
  certFile === undefined || keyFile === undefined
    ? createServer(listener)
    : createSecureServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, listener);
server.on('upgrade', (request, socket, head) => {
  if (request.headers.host !== 'bench.test') socket.destroy();
  else proxy.ws(request, socket, head);
});
server.keepAliveTimeout = 60_000;
server.listen({ host: '127.0.0.1', port: Number(port), backlog: 1024 });
