import { chmodSync, existsSync, readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiServer } from '../../../src/api/server.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import { silentLogger } from '../../../src/model/log.ts';
import { ask, serve } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { scratch } from '../../support/scratch.ts';

const context = { engine: fakeEngine(), schemaOf: async () => null, load: async () => [] };

describe('the socket', () => {
  test('is only for its owner and group, and leaves nothing beside it', async () => {
    const { directory, socket } = await serve(fakeEngine());
    expect(statSync(socket).mode & 0o777).toBe(0o660);
    expect(readdirSync(directory)).toEqual(['tsdock.sock']);
  });

  test('that a dead process left is replaced', async () => {
    const socket = join(scratch(), 'tsdock.sock');
    const dead = createServer().listen(socket);
    await new Promise((resolve) => dead.once('listening', resolve));
    // Closing removes the file, so a second name keeps the socket that nobody listens on.
    const { linkSync, renameSync } = await import('node:fs');
    linkSync(socket, `${socket}.old`);
    await new Promise((resolve) => dead.close(resolve));
    renameSync(`${socket}.old`, socket);
    const server = await ApiServer.open(context, { socket, log: silentLogger });
    expect((await ask(socket, { path: '/healthz' })).status).toBe(200);
    await server.close();
    expect(existsSync(socket)).toBe(false);
  });

  test('that somebody answers on is never taken: DMN001', async () => {
    const { socket } = await serve(fakeEngine());
    await expect(ApiServer.open(context, { socket, log: silentLogger })).rejects.toMatchObject({ code: 'DMN001' });
    expect((await ask(socket, { path: '/healthz' })).status).toBe(200);
  });

  test('path that is a file, or longer than the kernel takes, is refused', async () => {
    const directory = scratch();
    const file = join(directory, 'tsdock.sock');
    writeFileSync(file, '');
    chmodSync(file, 0o600);
    await expect(ApiServer.open(context, { socket: file, log: silentLogger })).rejects.toThrow('is there and no socket');
    const long = join(directory, 'x'.repeat(100), 'tsdock.sock');
    await expect(ApiServer.open(context, { socket: long, log: silentLogger })).rejects.toThrow(`has ${Buffer.byteLength(long)} bytes`);
  });

  test('that a cleaner removed is made again', async () => {
    const { socket } = await serve(fakeEngine(), { checkMs: 20 });
    unlinkSync(socket);
    await eventually(async () => expect((await ask(socket, { path: '/healthz' })).status).toBe(200));
  });
});

describe('a request as a web page could send it is refused', () => {
  const methods = ['GET', 'POST', 'DELETE'];
  const paths = ['/healthz', '/v1/resources', '/v1/apply', '/v1/nothing'];
  const cases = methods.flatMap((method) => paths.map((path) => [method, path] as const));

  test.each(cases)('%s %s', async (method, path) => {
    const { socket } = await serve(fakeEngine());
    const foreign: readonly Readonly<Record<string, string>>[] = [
      { host: 'evil.example:8080' },
      { host: 'localhost:8080' },
      { origin: 'http://localhost' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-origin' },
    ];
    for (const headers of foreign) {
      const answer = await ask(socket, { method, path, headers });
      expect(answer.status).toBe(403);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'API403' });
    }
  });

  test('also as an upgrade', async () => {
    const { socket } = await serve(fakeEngine());
    const headers = { host: 'evil.example', connection: 'Upgrade', upgrade: 'tsdock-exec' };
    const answer = await ask(socket, { method: 'POST', path: '/v1/instances/shop/web-1/exec', headers });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text).detail).toBe('Host "evil.example" is not allowed');
  });

  test.each(['localhost', 'tsdock', 'unix'])('while Host %s is served', async (host) => {
    const { socket } = await serve(fakeEngine());
    expect((await ask(socket, { path: '/v1/resources', headers: { host } })).status).toBe(200);
  });
});

describe('a body', () => {
  const post = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}) => ({
    method: 'POST',
    path: '/v1/apply',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

  test('over 4 MiB is API013, with and without a length', async () => {
    const { socket } = await serve(fakeEngine());
    const big = Buffer.alloc(4 * 1024 * 1024 + 1, 0x20);
    for (const headers of [{ 'content-length': String(big.byteLength) }, { 'transfer-encoding': 'chunked' }]) {
      const answer = await ask(socket, post(big, headers));
      expect(answer.status).toBe(413);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'API013', detail: 'body over 4 MiB' });
    }
  });

  test('of exactly 4 MiB is read', async () => {
    const { socket } = await serve(fakeEngine());
    const answer = await ask(socket, post(Buffer.alloc(4 * 1024 * 1024, 0x20)));
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'JSON001' });
  });

  test('that is not JSON names the place', async () => {
    const { socket } = await serve(fakeEngine());
    const answer = await ask(socket, post('{"snapshots":\n  {x: 1}}'));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'JSON001', detail: 'unexpected token at 2:4' });
    const other = await ask(socket, post('{"snapshots": [1,\n  }'));
    expect(JSON.parse(other.text).detail).toContain("Unexpected token '}'");
  });

  test('as a form a web page can send is refused', async () => {
    const { socket } = await serve(fakeEngine());
    const answer = await ask(socket, post('{}', { 'content-type': 'text/plain' }));
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'API400', detail: 'the body must be application/json' });
  });

  test.each([
    ['[]', 'the body must be an object'],
    ['{}', 'snapshots must be a list with at least one snapshot'],
    ['{"snapshots": [null]}', 'snapshots[0] must be an object'],
    [
      '{"snapshots": [{"set": "a", "complete": true, "prune": true, "held": [], "files": [], "documents": [{}]}]}',
      'snapshots[0].documents[0].key must be a string',
    ],
  ])('%s is refused by name', async (body, detail) => {
    const { socket } = await serve(fakeEngine());
    expect(JSON.parse((await ask(socket, post(body))).text)).toMatchObject({ status: 400, code: 'API400', detail });
  });
});

describe('answers', () => {
  test.each([
    ['GET', '/v1/nothing/here', 404, 'API404'],
    ['DELETE', '/v1/resources', 405, 'API405'],
    ['GET', '/v1/Pod/shop/web', 404, 'API404'],
    ['GET', '/v1/Container/shop/nobody', 404, 'API404'],
    ['GET', '/v1/events?since=soon', 400, 'API400'],
    ['GET', '/v1/instances/shop/web/logs?since=soon', 400, 'API400'],
    ['DELETE', '/v1/images/registry.test%2Fweb%3A2', 409, 'IMG030'],
  ])('%s %s is a problem %d %s', async (method, path, status, code) => {
    const { socket } = await serve(fakeEngine());
    const answer = await ask(socket, { method, path });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ status, code });
  });

  test('of resources have the stable shape, with instants as texts', async () => {
    const { socket } = await serve(fakeEngine());
    const { kind, items } = JSON.parse((await ask(socket, { path: '/v1/resources?kind=container&labelSelector=app%3Dweb' })).text);
    expect(kind).toBe('List');
    expect(items[0]).toMatchObject({
      apiVersion: 'tsdock/v1',
      kind: 'Container',
      status: { conditions: [{ since: '2026-03-01T10:00:00.000Z' }] },
    });
    expect(JSON.parse((await ask(socket, { path: '/v1/resources?labelSelector=app%3Dapi' })).text).items).toEqual([]);
  });

  test('of a failed pull that began are lines with an error at the end', async () => {
    const engine = fakeEngine({
      pullImage: async (_ref, { onProgress }) => {
        onProgress({
          at: 0,
          subject: 'Image/_/x',
          verb: 'pull',
          state: 'started',
          reason: '',
          part: null,
          stage: null,
          done: null,
          total: null,
          message: null,
        });
        await new Promise((resolve) => setTimeout(resolve, 300));
        throw new TsdockError('REG404', { message: 'registry.test/x has no tag "1"' });
      },
    });
    const { socket } = await serve(engine);
    const headers = { 'content-type': 'application/json' };
    const answer = await ask(socket, { method: 'POST', path: '/v1/images:pull', headers, body: '{"ref":"registry.test/x:1"}' });
    const lines = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => Object.keys(line)[0])).toEqual(['progress', 'error']);
    expect(lines[1].error).toMatchObject({ code: 'REG404' });
  });

  test('to a bug are INTERNAL', async () => {
    const engine = fakeEngine({ images: () => Promise.reject(new RangeError('unexpected')) });
    const { socket } = await serve(engine);
    expect(JSON.parse((await ask(socket, { path: '/v1/images' })).text)).toMatchObject({ status: 500, code: 'INTERNAL' });
  });

  test('OpenAPI names every route of the table and the exec endpoint', async () => {
    const { socket } = await serve(fakeEngine());
    const { routes, execPath } = await import('../../../src/api/routes.ts');
    const document = JSON.parse((await ask(socket, { path: '/v1/openapi.json' })).text);
    const described = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([...routes.map(({ method, path }) => `${method} ${path}`), `POST ${execPath}`].sort());
  });
});
