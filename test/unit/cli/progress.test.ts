import { expect, test } from 'vitest';
import { noPaint } from '../../../src/cli/output.ts';
import { endedLine, liveLines, liveView, noteProgress, plainView, type Transfer } from '../../../src/cli/progress.ts';
import { widthOf } from '../../../src/cli/width.ts';
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

const layer = (n: number, stage: string, at: number, done: number, total: number | null = 20_000_000): Progress =>
  pull({ part: `layer ${n} of 3`, stage, at, done, total });

/** What is under way after these reports. */
function after(reports: readonly Progress[]): Map<string, Transfer> {
  const active = new Map<string, Transfer>();
  for (const report of reports) noteProgress(active, report);
  return active;
}
const wideEnough = { columns: 100, rows: 24 };
const head = (reports: readonly Progress[], now: number): string => liveLines(after(reports), now, wideEnough, noPaint)[0] ?? '';

test('elsewhere than on a terminal a long pull says every five seconds how far it is', () => {
  const pieces: string[] = [];
  const view = plainView({ write: (piece: string) => pieces.push(piece) }, noPaint);
  view.update(pull({ at: 0, part: 'registry.test/web:2', stage: 'resolve', done: 0, total: null }));
  for (let second = 0; second <= 12; second += 1) view.update(layer(1, 'download', second * 1000, second * 1_000_000, 12_000_000));
  view.update(pull({ at: 12_500, state: 'done' }));
  expect(pieces).toEqual([
    '  Image registry.test/web:2  pulling 5.0 MB of 12.0 MB, 1.0 MB/s, 7s left\n',
    '  Image registry.test/web:2  pulling 10.0 MB of 12.0 MB, 1.0 MB/s, 2s left\n',
    '✔ Image registry.test/web:2  pulled\n',
  ]);
});

test('on a terminal each layer that is coming has its bytes, its rate and what is left, and those that wait count in the whole', () => {
  const reports = [
    pull({ at: 0, part: 'registry.test/web:2', stage: 'resolve', done: 0, total: null }),
    ...[1, 2, 3].map((n) => layer(n, 'wait', 0, 0)),
    ...[0, 1, 2].flatMap((second) => [
      layer(1, 'download', second * 1000, second * 10_000_000),
      layer(2, 'download', second * 1000, second * 2_000_000),
    ]),
  ];
  const active = after(reports);
  active.set('Container/shop/web:1', { ...blank, startedAt: 1_000, verb: 'create' });
  expect(liveLines(active, 2_000, wideEnough, noPaint).join('\n')).toMatchInlineSnapshot(`
    "◌ Image registry.test/web:2  pulling 24.0 MB of 60.0 MB, 12.0 MB/s, 3s left  2s
         layer 2 of 3           download   4.0 MB of 20.0 MB, 2.0 MB/s, 8s left
    ◌ Container shop/web-1  starting  1s"
  `);
});

test('an image of one layer is one line', () => {
  expect(liveLines(after([layer(1, 'download', 0, 0), layer(1, 'download', 1_000, 5_000_000)]), 1_000, wideEnough, noPaint)).toEqual([
    '◌ Image registry.test/web:2  pulling 5.0 MB of 20.0 MB, 5.0 MB/s, 3s left  1s',
  ]);
});

test('steps without bytes are told by name', () => {
  const step = (stage: string): Progress => pull({ at: 0, part: 'registry.test/web:2', stage, done: 0, total: null });
  expect(head([step('resolve')], 3_000)).toBe('◌ Image registry.test/web:2  pulling (asking the registry)  3s');
  expect(head([step('resolve'), layer(1, 'download', 0, 20_000_000), step('commit')], 3_000)).toBe(
    '◌ Image registry.test/web:2  pulling 20.0 MB of 20.0 MB, writing to disk  3s',
  );
});

test('a rate is that of the last seconds, and what was here before does not count', () => {
  const slow = [1, 2, 3, 4, 5, 6].map((second) => layer(1, 'download', 10_000 + second * 1000, 10_000_000 + second * 1_000));
  const fast = [layer(1, 'download', 0, 0), layer(1, 'download', 10_000, 10_000_000)];
  expect(head([...fast, ...slow], 16_000)).toContain(', 1.0 kB/s, ');
  expect(head([layer(1, 'download', 0, 10_000_000), layer(1, 'download', 1_000, 11_000_000)], 1_000)).toContain(', 1.0 MB/s, 9s left');
});

test('a line that stands still shows less and less, one that began again does not go backwards', () => {
  const reports = [layer(1, 'download', 0, 0), layer(1, 'download', 1_000, 10_000_000)];
  expect(head(reports, 10_000)).toContain(', 1.0 MB/s, 10s left');
  const again = [...reports, layer(1, 'download', 2_000, 500_000), layer(1, 'download', 3_000, 1_500_000)];
  expect(head(again, 3_000)).toMatch(/1\.5 MB of 20\.0 MB, 3\.7 MB\/s/);
});

test('without a whole there is no time left', () => {
  expect(head([layer(1, 'download', 0, 1, null), layer(1, 'download', 1_000, 700_001, null)], 1_000)).toBe(
    '◌ Image registry.test/web:2  pulling 700 kB, 700 kB/s  1s',
  );
});

test('a terminal is never filled: as many lines as it has room for, none wider than it, wide characters included', () => {
  const reports = [1, 2, 3].flatMap((n) => [layer(n, 'download', 0, 0), layer(n, 'download', 1_000, 700)]);
  const active = after(reports);
  active.set('Container/商店/網站:1', { ...blank, verb: 'create' });
  const small = liveLines(active, 2_000, { columns: 30, rows: 5 }, noPaint);
  expect(small).toHaveLength(3);
  expect(small.at(-1)).toBe('  … 3 more');
  for (const columns of [1, 10, 18, 19, 20, 30])
    for (const line of liveLines(active, 2_000, { columns, rows: 24 }, noPaint)) expect(widthOf(line)).toBeLessThan(Math.max(2, columns));
});

const blank: Transfer = { startedAt: 0, verb: 'create', stage: null, shownAt: 0, parts: new Map(), speed: [] };

/** A live view whose frames the test calls for. */
function viewed(columns = 80) {
  const writes: string[] = [];
  const stream = { write: (text: string) => writes.push(text), columns, rows: 24 };
  const state = { now: 0, draw: () => undefined as unknown, stopped: 0, everyMs: 0 };
  const view = liveView(stream as unknown as NodeJS.WriteStream, noPaint, {
    now: () => state.now,
    every: (ms, draw) => {
      Object.assign(state, { draw, everyMs: ms });
      return () => {
        state.stopped += 1;
      };
    },
  });
  return { writes, stream, state, view };
}

test('reports write nothing by themselves: there are ten frames a second at most, one write each, and none without a change', () => {
  const { writes, state, view } = viewed();
  expect(state.everyMs).toBeGreaterThanOrEqual(100);
  view.update(progress({ state: 'started', at: 0 }));
  view.update(progress({ subject: 'Container/shop/web:2', state: 'started', at: 0 }));
  expect(writes).toEqual([]);
  state.draw();
  expect(writes).toEqual(['◌ Container shop/web-1  starting  0ms\u001b[K\n◌ Container shop/web-2  starting  0ms\u001b[K\n']);
  state.draw();
  expect(writes).toHaveLength(1);
  state.now = 1_000;
  view.update(progress());
  state.draw();
  expect(writes.slice(1)).toEqual([
    '\u001b[2A✔ Container shop/web-1  started\u001b[K\n◌ Container shop/web-2  starting  1s\u001b[K\n\u001b[0J',
  ]);
});

test('at the end live lines are taken away, and what ended stays', () => {
  const { writes, state, view } = viewed();
  view.update(progress({ state: 'started', at: 0 }));
  view.update(progress({ subject: 'Container/shop/web:2', state: 'started', at: 0 }));
  state.draw();
  view.update(progress());
  view.end();
  view.end();
  expect(writes.slice(1)).toEqual(['\u001b[2A✔ Container shop/web-1  started\u001b[K\n\u001b[0J']);
  expect(state.stopped).toBeGreaterThan(0);
});

test('what ends before the first frame is told at the end', () => {
  const { writes, view } = viewed();
  view.update(progress());
  view.end();
  expect(writes).toEqual(['✔ Container shop/web-1  started\u001b[K\n']);
});

test('a long failure is broken at the edge, nothing of it is lost', () => {
  const { writes, view } = viewed(20);
  view.update(progress({ state: 'failed', verb: 'start', message: 'no such file' }));
  view.end();
  const rows = writes.join('').split('\u001b[K\n').slice(0, -1);
  for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(20);
  expect(rows.join('')).toBe('✘ Container shop/web-1  start failed: no such file');
});

test('a terminal that was made narrower has broken the lines that stand there: all of them are covered', () => {
  const { writes, stream, state, view } = viewed(80);
  view.update(progress({ state: 'started', at: 0 }));
  state.draw();
  stream.columns = 20; // "◌ Container shop/web-1  starting  0ms" stands on two lines now
  state.draw();
  expect(writes[1]).toBe('\u001b[2A◌ Container shop/we\u001b[K\n\u001b[0J');
});

test('a terminal that does not tell its size has eighty columns', () => {
  const { writes, state, view } = viewed(0);
  view.update(progress({ state: 'started', at: 0 }));
  state.draw();
  expect(writes).toEqual(['◌ Container shop/web-1  starting  0ms\u001b[K\n']);
});
