import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createClient } from '../../../src/api/client.ts';
import { encodeFrame } from '../../../src/api/frames.ts';
import type { ExecOptions, ExecSession } from '../../../src/model/engine-api.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import { serve } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { echoSession, fakeEngine } from '../../support/fake-engine.ts';

const options: ExecOptions = {
  namespace: 'shop',
  name: 'web-1',
  argv: ['echo', 'a b'],
  env: { LANG: 'C' },
  cwd: '/srv',
  user: '1000:1000',
  terminal: null,
  stdin: false,
};

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

test('both outputs and the code come through, and the options arrive', async () => {
  let seen: ExecOptions | null = null;
  const engine = fakeEngine({
    exec: async (given) => {
      seen = given;
      return echoSession(given, 7);
    },
  });
  const session = await createClient((await serve(engine)).socket).exec(options);
  expect(await Promise.all([textOf(session.stdout), textOf(session.stderr), session.wait()])).toEqual(['echo a b\n', 'warned\n', 7]);
  expect(seen).toEqual(options);
});

test('five megabytes through stdin come back unharmed', async () => {
  const session = await createClient((await serve(fakeEngine())).socket).exec({ ...options, argv: ['cat'], stdin: true });
  const sent = Buffer.alloc(5_000_000, 'abcdefghij');
  session.stdin?.end(sent);
  const chunks: Buffer[] = [];
  for await (const chunk of session.stdout) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).subarray('cat\n'.length).equals(sent)).toBe(true);
  expect(await session.wait()).toBe(7);
});

test('resize and signal reach the process; a terminal has one output', async () => {
  let inner: (ExecSession & { readonly seen: string[] }) | null = null;
  const engine = fakeEngine({
    exec: async (given) => {
      inner = echoSession(given, 0);
      return inner;
    },
  });
  const session = await createClient((await serve(engine)).socket).exec({ ...options, terminal: { cols: 80, rows: 24 }, stdin: true });
  expect(session.stderr).toBeNull();
  await session.resize(120, 40);
  await session.signal(15);
  expect(await session.wait()).toBe(143);
  expect(inner).toMatchObject({ seen: ['120x40', 'signal 15'] });
});

test('a command that cannot start is the engine’s error', async () => {
  const engine = fakeEngine({
    exec: async () => {
      throw new TsdockError('RUN127', { message: '"nosuch" not found in web-1' });
    },
  });
  const client = createClient((await serve(engine)).socket);
  await expect(client.exec(options)).rejects.toMatchObject({ code: 'RUN127', message: '"nosuch" not found in web-1' });
});

test('a client that goes away hangs up on the process', async () => {
  let inner: (ExecSession & { readonly seen: string[] }) | null = null;
  const engine = fakeEngine({
    exec: async (given) => {
      inner = echoSession(given, 0);
      return inner;
    },
  });
  const { socket } = await serve(engine);
  const raw = connect(socket);
  raw.write('POST /v1/instances/shop/web-1/exec HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tsdock-exec\r\n\r\n');
  raw.write(encodeFrame('open', Buffer.from('{"argv":["sleep"],"stdin":true}')));
  await eventually(() => expect(inner).not.toBeNull());
  raw.destroy();
  await eventually(() => expect(inner).toMatchObject({ seen: ['signal 1'] }));
});

test.each([
  ['no open frame', encodeFrame('stdin', Buffer.from('x')), 'an exec begins with an open frame'],
  ['an empty command', encodeFrame('open', Buffer.from('{"argv":[]}')), 'argv must be a list of at least one text'],
  ['an unknown type', Buffer.from([99, 0, 0, 0, 0]), 'not a frame of tsdock-exec'],
  ['a frame of 4 GiB', Buffer.from([0, 255, 255, 255, 255]), 'not a frame of tsdock-exec'],
  ['an open frame that is not JSON', encodeFrame('open', Buffer.from('{')), 'the open frame is not JSON'],
])('%s is refused and starts nothing', async (_name, bytes, message) => {
  let started = 0;
  const engine = fakeEngine({
    exec: async (given) => {
      started += 1;
      return echoSession(given, 0);
    },
  });
  const { socket } = await serve(engine);
  const raw = connect(socket);
  raw.write('POST /v1/instances/shop/web-1/exec HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tsdock-exec\r\n\r\n');
  raw.write(bytes);
  expect(await textOf(raw)).toContain(message);
  expect(started).toBe(0);
});
