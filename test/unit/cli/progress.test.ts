import { expect, test } from 'vitest';
import { noPaint } from '../../../src/cli/output.ts';
import { endedLine, liveLines, liveView, plainView } from '../../../src/cli/progress.ts';
import type { Progress } from '../../../src/model/engine-api.ts';
import { progress } from '../../support/fake-engine.ts';

const pull = (fields: Partial<Progress>): Progress =>
  progress({ subject: 'Image/_/registry.test/web:2', verb: 'pull', state: 'running', ...fields });

test('what ended is one line that says what was done and why', () => {
  expect(endedLine(progress({ reason: 'ImageChanged: web:1 -> web:2' }), noPaint)).toBe(
    '✔ Container shop/web-1  started  (ImageChanged: web:1 -> web:2)',
  );
  expect(endedLine(progress({ reason: 'Created: it does not exist' }), noPaint)).toBe('✔ Container shop/web-1  started');
  expect(endedLine(progress({ subject: 'Volume/default/data', verb: 'remove', reason: 'Deleted: by name' }), noPaint)).toBe(
    '✔ Volume data  removed',
  );
  expect(endedLine(progress({ state: 'failed', verb: 'start', message: 'no\u001b[2J' }), noPaint)).toBe(
    '✘ Container shop/web-1  start failed: no\\x1b[2J',
  );
});

test('elsewhere than on a terminal a long pull says every five seconds how far it is', () => {
  const pieces: string[] = [];
  const view = plainView({ write: (piece: string) => pieces.push(piece) }, noPaint);
  for (let second = 0; second <= 12; second += 1) {
    view.update(pull({ at: second * 1000, part: 'sha256:1', stage: 'fetch', done: second * 1_000_000, total: 12_000_000 }));
  }
  view.update(pull({ at: 12_500, state: 'done' }));
  expect(pieces.join('')).toMatchInlineSnapshot(`
    "  Image registry.test/web:2  pulling 5.0 MB of 12.0 MB, 1.0 MB/s
      Image registry.test/web:2  pulling 10.0 MB of 12.0 MB, 1.0 MB/s
    ✔ Image registry.test/web:2  pulled
    "
  `);
});

test('on a terminal each layer has its bytes and rate, and nothing is wider or higher than the terminal', () => {
  const parts = new Map([
    [`sha256:${'1'.repeat(64)}`, { startedAt: 0, stage: 'download', done: 5_000_000, total: 20_000_000 }],
    [`sha256:${'2'.repeat(64)}`, { startedAt: 0, stage: 'unpack', done: 8_000_000, total: 8_000_000 }],
    [`sha256:${'3'.repeat(64)}`, { startedAt: 0, stage: 'download', done: 700, total: null }],
  ]);
  const active = new Map([
    ['Image/_/registry.test/web:2', { startedAt: 0, verb: 'pull', shownAt: 0, parts }],
    ['Container/shop/web:1', { startedAt: 1_000, verb: 'create', shownAt: 0, parts: new Map() }],
  ]);
  expect(liveLines(active, 2_000, { columns: 100, rows: 24 }, noPaint).join('\n')).toMatchInlineSnapshot(`
    "◌ Image registry.test/web:2  pulling 13.0 MB, 6.5 MB/s  2s
         sha256:111111111111…   download   5.0 MB of 20.0 MB, 2.5 MB/s
         sha256:222222222222…   unpack     8.0 MB of 8.0 MB
         sha256:333333333333…   download   700 B, 350 B/s
    ◌ Container shop/web-1  starting  1s"
  `);
  const small = liveLines(active, 2_000, { columns: 30, rows: 5 }, noPaint);
  expect(small).toHaveLength(3);
  expect(small.at(-1)).toBe('  … 3 more');
  for (const line of small) expect(line.length).toBeLessThan(30);
});

test('live lines are taken away at the end, what ended stays', () => {
  const pieces: string[] = [];
  const stream = { write: (piece: string) => pieces.push(piece), columns: 80, rows: 24 } as unknown as NodeJS.WriteStream;
  const view = liveView(stream, noPaint);
  view.update(progress({ state: 'started' }));
  view.update(progress({ subject: 'Container/shop/web:2', state: 'started' }));
  view.update(progress());
  view.end();
  expect(pieces.join('').startsWith('✔ Container shop/web-1  started\n')).toBe(true);
  expect(pieces.join('').endsWith('\u001b[1A\u001b[0J')).toBe(true);
});
