import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Logger } from '../../../src/model/log.ts';
import { silentLogger } from '../../../src/model/log.ts';
import { ask, serve } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { event, fakeEngine } from '../../support/fake-engine.ts';

test('a client that does not read is dropped with a notice, while others are served', async () => {
  let made = 0;
  const notices: string[] = [];
  const log: Logger = { ...silentLogger, warn: (message) => void notices.push(message) };
  const engine = fakeEngine({
    events: async function* () {
      for (; ; made += 1) yield event(made, { message: 'x'.repeat(10_000) });
    },
  });
  const { socket } = await serve(engine, { stallMs: 200, log });
  const slow = connect(socket);
  onTestFinished(() => void slow.destroy());
  slow.pause();
  slow.write('GET /v1/events?watch=true HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await eventually(() => expect(made).toBeGreaterThan(5));
  expect((await ask(socket, { path: '/healthz' })).status).toBe(200);
  await eventually(() => expect(notices).toEqual(['a client that does not read was dropped']));
  const before = made;
  expect(before).toBeLessThan(1_000); // what fits into the buffers of socket and stream, not all there ever is
  expect((await ask(socket, { path: '/healthz' })).status).toBe(200);
  expect(made).toBe(before);
});
