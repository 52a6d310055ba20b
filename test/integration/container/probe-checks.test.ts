import { createServer, type RequestListener } from 'node:http';
import { createServer as createGrpcServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkGrpc } from '../../../src/controllers/container/probes/grpc.ts';
import type { ProbeResult } from '../../../src/controllers/container/probes/machine.ts';
import { checkHttp, checkTcp } from '../../../src/controllers/container/probes/network-checks.ts';
import type { ProbeCheck } from '../../../src/model/spec.ts';
import { createAuthority } from '../../support/certificates.ts';

const host = '127.0.0.1';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A limit that a test never needs, and one that comes at once. */
const patient = new AbortController().signal;
const over = (): AbortSignal => AbortSignal.timeout(50);

describe('HTTP', () => {
  const get = (port: number, fields: Partial<Extract<ProbeCheck, { type: 'http' }>> = {}, signal = patient): Promise<ProbeResult> =>
    checkHttp({ type: 'http', port, path: '/', scheme: 'HTTP', headers: {}, ...fields }, host, signal);
  const serve = (listener: RequestListener): Promise<number> => listen(createServer(listener));

  test.each([
    [200, true],
    [204, true],
    [399, true],
    [404, false],
    [503, false],
  ])('status %i is success: %s', async (status, success) => {
    const port = await serve((_request, response) => response.writeHead(status).end());
    expect(await get(port)).toEqual({ success, message: `status ${status}` });
  });

  test('a redirect is an answer and is never followed', async () => {
    let asked = 0;
    const elsewhere = await serve((_request, response) => {
      asked += 1;
      response.writeHead(500).end();
    });
    const port = await serve((_request, response) => response.writeHead(302, { Location: `http://${host}:${elsewhere}/` }).end());
    expect(await get(port)).toMatchObject({ success: true });
    expect(asked).toBe(0);
  });

  test('path and headers are sent, Host too', async () => {
    let seen: unknown;
    const port = await serve((request, response) => {
      seen = { url: request.url, host: request.headers.host, own: request.headers['x-own'] };
      response.end();
    });
    await get(port, { path: '/healthz?full=1', headers: { Host: 'web.test', 'X-Own': 'yes' } });
    expect(seen).toEqual({ url: '/healthz?full=1', host: 'web.test', own: 'yes' });
  });

  test('a body without an end is not read', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200);
      const write = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', write);
      };
      write();
    });
    expect(await get(port)).toMatchObject({ success: true });
  });

  test('a server that says nothing is given up', async () => {
    const port = await listen(createTcpServer(() => undefined));
    await expect(get(port, {}, over())).rejects.toThrow();
  });

  test('what is no HTTP is a failure', async () => {
    const port = await listen(createTcpServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n')));
    await expect(get(port)).rejects.toThrow();
  });

  test('HTTPS asks for no certificate that it would know', async () => {
    const authority = createAuthority();
    onTestFinished(() => authority.close());
    const port = await listen(createHttpsServer(authority.issue('web.test'), (_request, response) => response.end()));
    expect(await get(port, { scheme: 'HTTPS' })).toMatchObject({ success: true });
  });
});

describe('TCP', () => {
  test('an accepted connection is success', async () => {
    const port = await listen(createTcpServer((socket) => socket.on('error', () => undefined)));
    expect(await checkTcp({ type: 'tcp', port }, host, patient)).toMatchObject({ success: true });
  });

  test('nobody there is a failure that says so', async () => {
    const server = createTcpServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(checkTcp({ type: 'tcp', port }, host, patient)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('gRPC', () => {
  const ask = (port: number, service = '', signal = patient): Promise<ProbeResult> => checkGrpc({ port, service }, host, signal);

  /** A health service that answers with these bytes and this status. */
  async function serve(answer: (service: string) => { readonly body: Buffer; readonly status: string }): Promise<number> {
    const server = createGrpcServer();
    const sessions = new Set<{ destroy(): void }>();
    server.on('session', (session) => sessions.add(session));
    onTestFinished(() => {
      for (const session of sessions) session.destroy();
    });
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const service = Buffer.concat(chunks).subarray(7).toString();
        const { body, status } = answer(headers[':path'] === '/grpc.health.v1.Health/Check' ? service : 'wrong path');
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
        stream.end(body);
      });
    });
    return listen(server as unknown as Server);
  }

  const health = (status: number): Buffer => Buffer.from([0, 0, 0, 0, 2, 0x08, status]);

  test.each([
    ['SERVING', health(1), '0', { success: true, message: 'SERVING' }],
    ['NOT_SERVING', health(2), '0', { success: false, message: 'NOT_SERVING' }],
    ['a default value that is left out', Buffer.from([0, 0, 0, 0, 0]), '0', { success: false, message: 'UNKNOWN' }],
    ['an unknown service', Buffer.alloc(0), '5', { success: false, message: 'NOT_FOUND' }],
    ['no health service', Buffer.alloc(0), '12', { success: false, message: 'UNIMPLEMENTED' }],
    ['nonsense', Buffer.from('nonsense'), '0', { success: false, message: 'no health answer' }],
  ])('%s', async (_name, body, status, expected) => {
    const port = await serve(() => ({ body, status }));
    expect(await ask(port)).toEqual(expected);
  });

  test('the service is asked for by name', async () => {
    const port = await serve((service) => ({ body: health(service === 'shop.Cart' ? 1 : 3), status: '0' }));
    expect(await ask(port, 'shop.Cart')).toMatchObject({ success: true });
    expect(await ask(port, 'shop.Other')).toEqual({ success: false, message: 'SERVICE_UNKNOWN' });
  });

  test('more than a health answer is not read', async () => {
    const port = await serve(() => ({ body: Buffer.alloc(100_000), status: '0' }));
    await expect(ask(port)).rejects.toThrow('longer than');
  });

  test('a server that says nothing is given up', async () => {
    const port = await listen(createTcpServer((socket) => socket.on('error', () => undefined)));
    await expect(ask(port, '', over())).rejects.toThrow();
  });
});
